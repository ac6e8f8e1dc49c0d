"""Traffic: a seeded world of upstream systems in five countries.

The same arguments give the same records, byte for byte, whatever becomes of them: all ids follow
from the data (docs/events.md, Ids), planned days and Pros from the policies, so nobody has to be
asked. Each record knows what it must end as, and what is odd about it.

    plan(7, 200, start, days=20)            stepped: a list of `Published`, reference data first
    plan(7, 200, start, rate=20)            live: orders at 20 a second from `start` (ms) on
    World(seed, pace, policies, codec).said()   without end
    Traffic(kafka, prefix, records)         a thread that publishes records when it is their time

`quick.policy.yaml` (`QUICK_POLICY`) makes deadlines short enough for live runs.
"""
