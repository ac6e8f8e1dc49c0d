"""The Kafka half of the kernel: exactly-once workers, and stepped time on a broker.

Read in this order: `transaction` (the commit protocol), `worker` (one round: take, decide, commit),
`assignment` and `restore` (partitions come and go), `feed` and `app` (how Faust runs it), `runtime`
(the driver's view of stepped workers). Rule ids K-… are the cases that each part answers.
"""
