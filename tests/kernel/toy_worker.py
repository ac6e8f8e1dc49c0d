"""`python -m tests.kernel.toy_worker NAME`: one worker of a toy service, to be killed by tests.

Its carrier writes one line per attempt, the idempotency key, to the file `SX_TOY_RECEIPTS`;
`SX_TOY_DIE_AFTER` lets the process die at its first attempt, the work done, the answer not told.
`SX_TOY_SLOW_S` is how long (s) each attempt takes.
`SX_TOY_FREEZE_AT` (a step's name) lets it stop itself when it gets there first, as by SIGSTOP, and
leave the file `frozen` beside the receipts; `SX_TOY_ENDS_AT` lets it send itself SIGTERM there.
`SX_TOY_TRANSACTION_MS`: how long its transactions may last, in place of 10 s.
`SX_TOY_BEGINS_AT` (a file): all is imported and it begins once the file is there.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from confluent_kafka import Producer, TopicPartition

from streams.kafka.app import run_worker
from streams.kafka.settings import KafkaSettings
from streams.kafka.transaction import Step, Transactions
from streams.kafka.wiring import Wiring
from streams.output import Output
from streams.rules import Attempt, Done, Effect
from tests.kernel.toy import SERVICES, ToyCodec


class Receipts:
    """Carries receipts out into a file."""

    def carry(self, effect: Effect) -> Attempt:
        file = Path(os.environ["SX_TOY_RECEIPTS"])
        with file.open("a") as lines:
            lines.write(f"{effect.key}\n")
        if os.environ.get("SX_TOY_DIE_AFTER"):
            os._exit(9)
        time.sleep(float(os.environ.get("SX_TOY_SLOW_S", "0")))
        return Done({"answer": "paid"})


class Signalled(Transactions):
    """Stops or ends the process at a step, once: of a transaction that holds records.

    The first of a worker may hold offsets alone, where nothing had been published yet.
    """

    _empty = False

    @staticmethod
    def new(client: dict[str, Any]) -> Producer:
        if longest := os.environ.get("SX_TOY_TRANSACTION_MS"):
            client = {**client, "transaction.timeout.ms": int(longest)}
        return Producer(client)

    def early(self, outputs: Callable[[], Iterable[Output]]) -> None:
        self._empty = False
        super().early(outputs)

    def commit(
        self, outputs: Iterable[Output], positions: list[TopicPartition], metadata: Any
    ) -> None:
        left = list(outputs)
        self._empty = not (left or self._begun)
        super().commit(left, positions, metadata)

    def reached(self, step: Step) -> None:
        if self._empty:
            return
        frozen = Path(os.environ["SX_TOY_RECEIPTS"]).with_name("frozen")
        if step == os.environ.get("SX_TOY_FREEZE_AT") and not frozen.exists():
            frozen.touch()
            os.kill(os.getpid(), signal.SIGSTOP)
        if step == os.environ.get("SX_TOY_ENDS_AT"):
            os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    if awaited := os.environ.get("SX_TOY_BEGINS_AT"):
        while not Path(awaited).exists():
            time.sleep(0.02)
    sys.exit(
        run_worker(
            Wiring(
                SERVICES[sys.argv[1]],
                ToyCodec(),
                {"receipt": Receipts()},
                KafkaSettings(),
                transactions=Signalled,
            )
        )
    )
