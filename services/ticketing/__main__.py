"""`python -m services.ticketing`: one worker, until SIGTERM; exit codes: streams.kafka.exits."""

import sys

from services.process import run
from services.ticketing.deployment import DEPLOYABLE


def main() -> int:
    """Runs it; its exit code."""
    return run(DEPLOYABLE)


if __name__ == "__main__":
    sys.exit(main())
