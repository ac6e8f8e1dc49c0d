"""The checker: what any traffic must have left in the topics, read by a plain consumer.

It shares no code with kernel, schemas or services: what it knows of them stands in docs/topology.md
and docs/events.md, and is written down here once more (`topology`). `reading` gets a `World` from a
broker, from the workers' health ports and from the vendors' stand-ins; each check is a pure
function `check(world) -> Iterator[Violation]`; `report` runs them all.

It looks at what is at rest: publish, wait until every service has decided all there is, then check.
"""
