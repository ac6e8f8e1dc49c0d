"""`sx up` and `sx down`: the local stack, started and ended."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from cli.errors import CommandError
from cli.output import AsJson, as_json, note, show, table

if TYPE_CHECKING:
    from stack.local import LocalStack
    from stack.workers import Workers

_LOOK_EVERY_S = 0.5


def up(
    detach: Annotated[
        bool,
        typer.Option("--detach", "-d", help="Leave it running in the background; `sx down` ends."),
    ] = False,
    workers: Annotated[
        bool,
        typer.Option("--workers", "-w", help="Run the five services and the read model as well."),
    ] = False,
    registry: Annotated[
        bool,
        typer.Option(
            "--registry", help="A schema registry too (Apicurio, 158 MB), with all schemas."
        ),
    ] = False,
    json: AsJson = False,
) -> None:
    """Start Kafka, Valkey and the vendors' stand-ins on this machine, with all topics.

    In the foreground: Ctrl-C ends every part, and so does the end of the terminal. A stack that
    runs in this project is found, not started twice. Other commands use it of themselves unless
    SX_KAFKA_BOOTSTRAP_SERVERS names another broker. The first start downloads Kafka (43 MB).
    """
    from stack.local import LocalStack

    if detach and workers:
        raise typer.BadParameter("--workers run in the foreground, without --detach")
    console = Console(stderr=True)
    stack = LocalStack(console=console, registry=registry)
    with console.status("Starting Kafka, Valkey and the stand-ins …"):
        stack.start(detach=detach)
    if detach and not stack.detached:
        raise CommandError(
            "the stack runs already and ends with the command that started it, `sx up` or"
            " `sx demo`; once that has ended: sx up -d",
            1,
        )
    mine = stack.owned and not detach
    try:
        with ExitStack() as running:
            with console.status("Creating the topics …"):
                _create_topics(stack)
            if registry:
                with console.status("Registering the schemas …"):
                    _register(stack)
            started = running.enter_context(_workers(stack)) if workers else None
            if started is not None:
                with console.status("Starting the services …") as status:
                    started.await_ready(lambda name: status.update(f"{name} is ready …"))
            _tell(stack, started, json)
            _say(stack, detach, workers)
            if mine or started is not None:
                _watch(stack, started)
    except KeyboardInterrupt:
        note("Ended.")
    finally:
        if mine:
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


def _register(stack: LocalStack) -> None:
    from schemas.registration import register
    from schemas.registry import HttpRegistry

    refused = [one for one in register(HttpRegistry(stack.registry_url)) if one.why]
    if refused:
        raise CommandError(
            f"the registry of {stack.folder} refuses {refused[0].subject}: {refused[0].why}. To"
            f" begin anew: `sx down`, then remove {stack.folder / 'kafka'} and"
            f" {stack.folder / 'registry'}",
            1,
        )


def _workers(stack: LocalStack) -> Workers:
    from stack.workers import Workers

    return Workers(stack.environment(), stack.folder / "workers")


def _say(stack: LocalStack, detach: bool, workers: bool) -> None:
    if stack.owned and detach:
        note("It runs in the background. `sx down` ends it; its data are kept.")
    elif not stack.owned and stack.detached:
        note("The stack was running already and goes on; `sx down` ends it.")
    elif not stack.owned:
        note("The stack was running already; it ends with the command that started it.")
    if workers or (stack.owned and not detach):
        note("Ctrl-C ends what was started here; data are kept.")


def _watch(stack: LocalStack, workers: Workers | None) -> None:
    """Returns never; raises where a part ended by itself."""
    while True:
        ended = [part for part in stack.parts.values() if not part.alive()]
        if ended:
            told = ", ".join(f"{part.name} (see {part.log})" for part in ended)
            raise CommandError(f"ended by itself: {told}; so everything was ended", 1)
        if workers is not None:
            workers.check()
        time.sleep(_LOOK_EVERY_S)


def _tell(stack: LocalStack, workers: Workers | None, json: bool) -> None:
    metrics = {} if workers is None else {name: workers.url(name) for name in workers.names}
    if json:
        as_json(
            {
                "environment": stack.environment(),
                "pages": stack.vendors_url,
                "folder": str(stack.folder),
                "workers": metrics,
            }
        )
        return
    places = {
        "Kafka": stack.bootstrap_servers,
        "Valkey": stack.redis_url,
        "schema registry": stack.registry_url,
        "mails, SMS, pushes, tickets": stack.vendors_url,
        "mail server": f"{stack.smtp_host}:{stack.smtp_port}",
        "data and logs": str(stack.folder),
        **{f"{name}'s metrics": f"{url}/metrics" for name, url in metrics.items()},
    }
    show(table("The local stack", ("what", "where"), list(places.items())))
