"""`python -m tests.kernel.asking SECONDS`: takes the bank's partitions up again and again.

It prints `asking` after the first time, and ends with 0 after so many seconds.
"""

from __future__ import annotations

import sys
import threading
import time

from streams.kafka.metrics import Metrics
from streams.kafka.outages import Outages
from streams.kafka.restore import Restorer
from streams.kafka.running import Running
from streams.kafka.settings import KafkaSettings
from streams.task import StreamTask
from tests.kernel.toy import BANK, PARTITIONS, ToyCodec, topics


def main(seconds: float) -> None:
    """Restores until the time is over."""
    settings = KafkaSettings()
    restorer = Restorer(BANK, settings, Outages(Metrics("bank"), threading.Event()))
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        restorer.restore(
            [
                Running(StreamTask(BANK, p, ToyCodec(), topics(), {}, stepped=False))
                for p in range(PARTITIONS)
            ]
        )
        print("asking", flush=True)


if __name__ == "__main__":
    main(float(sys.argv[1]))
