"""`sx up` and `sx down`: the local stack, started and ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from cli.errors import CommandError
from cli.output import AsJson, as_json, note, show, table

if TYPE_CHECKING:
    from stack.local import LocalStack


def up(
    detach: Annotated[
        bool,
        typer.Option("--detach", "-d", help="Leave it running in the background; `sx down` ends."),
    ] = False,
    json: AsJson = False,
) -> None:
    """Start Kafka, Valkey and the vendors' stand-ins on this machine, with all topics.

    In the foreground: Ctrl-C ends every part, and so does the end of the terminal. A stack that
    runs in this project is found, not started twice. Other commands use it of themselves unless
    SX_KAFKA_BOOTSTRAP_SERVERS names another broker. The first start downloads Kafka (43 MB).
    """
    from stack.local import LocalStack

    console = Console(stderr=True)
    stack = LocalStack(console=console)
    with console.status("Starting Kafka, Valkey and the stand-ins …"):
        stack.start(detach=detach)
    mine = stack.owned
    try:
        with console.status("Creating the topics …"):
            _create_topics(stack)
        _tell(stack, json)
        if not mine:
            note("It was running already; nothing was started. `sx down` ends it.")
        elif detach:
            note("It runs in the background. `sx down` ends it; its data are kept.")
        else:
            note("Ctrl-C ends it; its data are kept.")
            _watch(stack)
    except KeyboardInterrupt:
        if not mine:
            raise
        note("Ending …")
    finally:
        if mine and not detach:
            stack.stop()


def down() -> None:
    """End the local stack of this project, whoever started it; its data are kept."""
    from stack.local import LocalStack

    stack = LocalStack()
    with Console(stderr=True).status("Ending the local stack …"):
        there = stack.stop()
    note(
        f"Ended. Its data are kept in {stack.folder}; what the stand-ins got:"
        f" {stack.received_folder / 'index.html'}"
        if there
        else f"No local stack runs in {stack.folder}."
    )


def _create_topics(stack: LocalStack) -> None:
    import os

    from confluent_kafka.admin import AdminClient

    from stack import topics
    from streams.kafka.names import Names

    names = Names(os.environ.get("SX_PREFIX", ""), os.environ.get("SX_INPUT_PREFIX", ""))
    admin = AdminClient({"bootstrap.servers": stack.bootstrap_servers, "log_level": 0})
    done = topics.apply(admin, names)
    if done.differs:
        note(
            f"{len(done.differs)} topics are not as the catalogue says (`sx topics apply` shows"
            f" how). To begin anew: `sx down`, then remove {stack.folder / 'kafka'}"
        )


def _watch(stack: LocalStack) -> None:
    parts = stack.parts
    ended = stack.wait()
    logs = ", ".join(str(parts[name].log) for name in ended)
    raise CommandError(f"{' and '.join(ended)} ended by itself, so all was ended; see {logs}", 1)


def _tell(stack: LocalStack, json: bool) -> None:
    places = {
        "Kafka": stack.bootstrap_servers,
        "Valkey": stack.redis_url,
        "mails, SMS, pushes, tickets": stack.vendors_url,
        "mail server": f"{stack.smtp_host}:{stack.smtp_port}",
        "data and logs": str(stack.folder),
    }
    if json:
        told: dict[str, Any] = {
            "environment": stack.environment(),
            "pages": stack.vendors_url,
            "folder": str(stack.folder),
        }
        as_json(told)
    else:
        show(table("The local stack", ("what", "where"), list(places.items())))
