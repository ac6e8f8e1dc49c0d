"""The Kafka half of the kernel: exactly-once workers.

Read in this order: `wiring` (what a worker is made of), `transaction` (the commit protocol),
`worker` (one round: take, decide, commit), `inputs` and `queues` (what is taken, and in which
order), `assignment` and `restore` (partitions come and go), `lag` (how far all has been read),
`outages` and `introduced` (a broker that is away, or new), `feed` and `app` (how Faust runs it).
Rule ids K-… are the cases that each part answers.
"""
