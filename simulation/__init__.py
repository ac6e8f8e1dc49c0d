"""Stepped time: the services with a clock that moves only when they are told to.

Live, the wall's time makes deadlines due. Stepped, it is a *tick*: one driver plays records in the
order of a file, and before each moves time to where it stands; every service fires what is due by
then, and comes to *rest* (every record decided by all who read it, no effect under way) before the
record is published. So thirty days are played in a second, and two runs of the same records end
the same, to the byte (ED-17). The scenarios, the demo, `sx simulate`, `sx traffic --stepped` and
the proofs of `tests/chaos` are played so.

`driver` knows the order of things; what it drives is a `Runtime`. There are two: `memory`, the
stream tasks of `streams` on a log in memory, and `broker`, workers on Kafka that are told the time
over a topic. Those are real workers, handed the `clock` that listens there in place of the wall's.
"""
