"""`sx worker`: one worker of one service, in the foreground."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.errors import CommandError
from schemas.topic import SERVICES
from streams.kafka.exits import ExitCode

WORKERS = (*SERVICES, "read_model")

MEANING = {
    ExitCode.STOPPED: "asked to stop, and did",
    ExitCode.BUG: "a bug: see the log",
    ExitCode.SETTINGS: "a setting or a policy file is wrong: the message names it, key and reason",
    ExitCode.BROKER_AWAY: "no broker answered in time (SX_BROKER_WAIT_S): start one, try again",
    ExitCode.BROKER_TOO_OLD: "the broker is older than 4.0",
    ExitCode.TOPICS: "topics are missing or not as they should be: `sx topics apply`",
    ExitCode.LOST_OFFSETS: "where to go on from is lost: the message says what, and how to go on",
    ExitCode.FENCED: "another worker has the same SX_ORDINAL: give each its own",
    ExitCode.NEWER_ROW: "a row was written by a later release: run that one",
    ExitCode.CORRUPT_ROW: "a changelog holds what is no row: the message says where",
    ExitCode.TRANSACTION_LOST: "no transaction succeeds, or Kafka is not heard: start it again",
    ExitCode.SCHEMAS: "the schema registry lacks what it writes: `sx schemas register`",
    ExitCode.ACCESS: "the brokers deny what it has to do: `sx topics acls`",
}

EPILOG = "\n\n".join(
    [
        "Example: sx worker lifecycle",
        "Exit codes:",
        *(f"- {int(code)} {code.name}: {MEANING[code]}" for code in ExitCode),
    ]
)


def worker(
    name: Annotated[str, typer.Argument(help=f"One of {', '.join(WORKERS)}.")],
) -> None:
    """Run one worker of a service until Ctrl-C or SIGTERM: then the batch in hand is finished.

    Settings are SX_… in the environment; where that names no broker, those of the local stack that
    runs here. Start several with different SX_ORDINAL to share a service's partitions. It is the
    same as `python -m services.NAME`.
    """
    from importlib import import_module

    from cli.environment import settled

    if name not in WORKERS:
        raise CommandError(f"there is no service {name!r}; there are {', '.join(WORKERS)}")
    settled()
    raise typer.Exit(import_module(f"services.{name}.__main__").main())
