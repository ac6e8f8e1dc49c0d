"""The stream kernel: everything that knows Kafka and nothing that knows service execution.

Read in this order: `rules` (what a service author writes), `service` (how stages are declared),
`entity` (how one input is decided), `task` (how a batch is decided), `memory` and `driver` (the
simulation), `kafka` (the exactly-once worker).
"""
