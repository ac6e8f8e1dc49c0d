"""The stream kernel: everything that knows Kafka and nothing that knows service execution.

Read in this order:

1. `record`, `envelope`, `instant`: what lies in a topic, and who an event is. `rules`: what a
   service author writes, pure functions over one entity; `service`: how its stages, inputs and
   tables are declared.
2. `row`: one entity's state with all that waits on it; `table`: a row's bytes, a partition of them.
3. `turn`: what deciding one thing reads, writes and emits.
4. `entity`: how one entity takes an input, a deadline, an effect's outcome.
5. `task`: a stream task, and the batch that is decided on its tables.
6. `kafka.transaction`: the commit of one batch, step by step; `kafka.worker`: take, have decided,
   commit; `kafka.feed`: what hands a worker's batches to the Faust agent and commits them.

How a service is played in stepped time, in memory or on a broker, is no part of it: `simulation`.

What runs for each record runs compiled where it was (`compilation`); `IN_USE` says which.
"""

from streams.compilation import FOLDER, fresh

IN_USE = "compiled" if fresh() else "as it is written (slower)"

if IN_USE == "compiled":
    __path__.insert(0, str(FOLDER))
