"""`python -m stack.standins --folder F --http-port N --smtp-port N`: serve until SIGTERM."""

import argparse
from pathlib import Path

import uvicorn

from stack.ports import HOST
from stack.standins.server import application


def main() -> None:
    """Serve every stand-in in this process."""
    parser = argparse.ArgumentParser(prog="python -m stack.standins", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="keeps what is received")
    parser.add_argument("--http-port", type=int, required=True)
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument(
        "--host", default=HOST, help="listen there; the default is this machine only"
    )
    given = parser.parse_args()
    uvicorn.run(
        application(given.folder, given.smtp_port, given.host),
        host=given.host,
        port=given.http_port,
        log_level="warning",
        # A stalled answer must not hold up the end.
        timeout_graceful_shutdown=1,
    )


if __name__ == "__main__":
    main()
