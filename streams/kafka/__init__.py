"""The Kafka half of the kernel: exactly-once workers.

Read in this order: `wiring` (what a worker is made of), `transaction` (the commit protocol),
`worker` (one round: take, decide, commit), `assignment` and `restore` (partitions come and go),
`feed` and `app` (how Faust runs it). Rule ids K-… are the cases that each part answers.
"""
