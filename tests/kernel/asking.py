"""`python -m tests.kernel.asking`: takes the bank's partitions up again and again.

It prints `asking` after each time, and ends with 0 once its standard input has ended.
"""

from __future__ import annotations

import sys
import threading

from streams.kafka.metrics import Metrics
from streams.kafka.outages import Outages
from streams.kafka.restore import Restorer
from streams.kafka.running import Running
from streams.kafka.settings import KafkaSettings
from streams.task import StreamTask
from tests.kernel.toy import BANK, PARTITIONS, ToyCodec, topics


def main() -> None:
    """Restores until nobody wants it any more."""
    settings = KafkaSettings()
    restorer = Restorer(BANK, settings, Outages(Metrics("bank"), threading.Event()))
    over = threading.Event()

    def watch() -> None:
        sys.stdin.read()
        over.set()

    threading.Thread(target=watch, daemon=True).start()
    while not over.is_set():
        restorer.restore(
            [
                Running(StreamTask(BANK, p, ToyCodec(), topics(), {}, stepped=False))
                for p in range(PARTITIONS)
            ]
        )
        print("asking", flush=True)


if __name__ == "__main__":
    main()
