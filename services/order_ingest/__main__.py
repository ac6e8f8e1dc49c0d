"""`python -m services.order_ingest`: one worker, until SIGTERM; exit codes: streams.kafka.exits."""

import sys

from services.order_ingest.deployment import DEPLOYABLE
from services.process import run


def main() -> int:
    """Runs it; its exit code."""
    return run(DEPLOYABLE)


if __name__ == "__main__":
    sys.exit(main())
