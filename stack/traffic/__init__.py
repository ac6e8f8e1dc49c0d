"""Traffic: a seeded world of upstream systems in five countries.

The same arguments give the same records, byte for byte, whatever becomes of them: all ids follow
from the data (docs/events.md, Ids), planned days and Pros from the policies, so nobody has to be
asked. Each record knows what it must end as where nothing competes with it (`expect`), and what is
odd about it (`twist`).

- `plan.plan(seed, orders, start, days=…)`: a list of `inputs.Published` for stepped time, reference
  data first; with `rate=…` instead, live, orders a second from `start` (ms) on. Further: countries,
  poison (a share), policy (a file of overrides), codec, until (ms).
- `plan.inputs(seed, orders, pace, …)`: the same without bytes, `inputs.Input`, one by one; without
  end where `orders` is None. `published(item, codec)` makes bytes of it.
- `item.record` is what `simulation.driver.Driver` plays: in memory by `stack.scenario.simulation`,
  on a broker by `stack.scenario.real`.
- `publisher.Traffic(connection, prefix, records)`: a thread that publishes records when it is their
  time; `known.await_known` waits until the services have taken the reference data, which has to be
  there before the first order.

Live, an hour of a life lasts 100 ms (`pace.LIVE_HOUR_MS`): with the shipped policies sellers send
contracts by hand, and no deadline fires within a run. With `QUICK_POLICY`, told to the services
(SX_POLICY_FILE) and to the plan, contracts go out by themselves, offers expire and forms close
within seconds, and nothing but facts is needed: they wait for whoever is slow or down (ED-2).
"""

from pathlib import Path

QUICK_POLICY = Path(__file__).with_name("quick.policy.yaml")
"""Overrides for live runs: deadlines of seconds."""
