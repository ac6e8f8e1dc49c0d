"""`python -m tests.kernel.toy_worker NAME`: one worker of a toy service, to be killed by tests.

Its carrier writes one line per attempt, the idempotency key, to the file `SX_TOY_RECEIPTS`;
`SX_TOY_DIE_AFTER` lets the process die at its first attempt, the work done, the answer not told.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from streams.kafka.app import run_worker
from streams.kafka.settings import KafkaSettings
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
        return Done({"answer": "paid"})


if __name__ == "__main__":
    sys.exit(
        run_worker(SERVICES[sys.argv[1]], ToyCodec(), {"receipt": Receipts()}, KafkaSettings())
    )
