"""`sx demo`: the whole thing on one machine, with a story to watch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

if TYPE_CHECKING:
    from cli.ending import Ending
    from stack.local import LocalStack

SECONDS = 16.0
KIND = "demo"
KEPT = 2
"""So many demos before this one can still be looked at."""

Seconds = Annotated[
    float,
    typer.Option(min=0, help="How long the story takes in a terminal; 0: as fast as it can be."),
]


def demo(seconds: Seconds = SECONDS) -> None:
    """Start everything on this machine and watch a few orders of two countries go through.

    Starts Kafka, Valkey, the vendors' stand-ins, the five services and the read model (a stack
    that runs here is used, and left running), plays ten days of March in stepped time, and shows
    what happens to each service execution. It ends by itself with where to look; Ctrl-C ends it
    earlier, and nothing is left running. The first start downloads Kafka (43 MB). What the last
    three demos did can still be looked at.
    """
    from cli.ending import tell
    from stack.local import LocalStack

    said = Console(stderr=True)
    stack = LocalStack(console=said)
    with said.status("Starting Kafka, Valkey and the vendors' stand-ins …"):
        stack.start()
    mine = stack.owned
    try:
        ending = _play(stack, said, seconds)
    finally:
        if mine:
            with said.status("Ending what was started …"):
                stack.stop()
    tell(ending, stack, ended=mine)


def _play(stack: LocalStack, said: Console, seconds: float) -> Ending:
    """Plays the story under a prefix of its own; the workers are gone afterwards."""
    from confluent_kafka.admin import AdminClient

    from cli.board import Board
    from cli.ending import Ending, history
    from cli.watching import watching
    from stack.runs import dated_prefix, forget_older
    from stack.scenario.real import RealRun
    from stack.story.stage import UNTIL, WATCHED, Stage

    prefix = dated_prefix(KIND)
    run = RealRun(stack.environment(), stack.folder / "workers", prefix, beneath=stack.check)
    board = Board()
    try:
        with said.status("Creating the topics, starting the services …") as status:
            forget_older(AdminClient(run.kafka.connection()), KIND, KEPT)
            run.start(lambda name: status.update(f"Starting the services … {name} is ready"))
        seen = run.tail(WATCHED)
        with watching(board, seconds) as audience:
            stage = Stage(seen.more, run.codec, audience)
            run.play(stage.script(), UNTIL, stage.watch)
        seen.close()
        sx_id = board.eventful()
        with said.status("Reading the history …"):
            run.await_read_model()
        history(stack.redis_url, prefix, sx_id)
        run.workers.keep_metrics(stack.folder / "metrics")
        return Ending(prefix, sx_id, board.counts)
    finally:
        with said.status("Ending the services …"):
            run.stop()
