"""`python -m tests.chaos.worker SERVICE`: the real service, which signals itself where it is told.

`SX_CHAOS_AT` names a file. Where it is there, its text is `STEP NTH SIGNAL`: the NTH time that the
worker gets to this step of the commit protocol (`streams.kafka.transaction.Step`) it renames the
file, by its process id, and sends the signal to itself.
"""

from __future__ import annotations

import os
import signal
import sys
from importlib import import_module
from pathlib import Path

from services.process import run
from streams.kafka.transaction import Step, Transactions

AT = "SX_CHAOS_AT"


def reached_by(plan: Path, pid: int | str) -> Path:
    """What a plan becomes once a process has got there; its text stays."""
    return plan.with_name(f"{plan.name}.{pid}")


class Doomed(Transactions):
    """Transactions that end, or stop, at a step."""

    _passed = 0

    def reached(self, step: Step) -> None:
        file = Path(os.environ[AT])
        try:
            wanted, nth, number = file.read_text().split()
        except (FileNotFoundError, ValueError):
            return  # nothing is planned, or not whole yet
        if step != wanted:
            return
        self._passed += 1
        if self._passed < int(nth):
            return
        self._passed = 0
        file.rename(reached_by(file, os.getpid()))
        os.kill(os.getpid(), signal.Signals[number])


def main(name: str) -> int:
    """Runs it; its exit code."""
    if name == "read_model":  # a plain consumer, without transactions
        from services.read_model.__main__ import main as reads

        return reads()
    return run(import_module(f"services.{name}.deployment").DEPLOYABLE, Doomed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
