"""`sx read`: the records of a topic, in the JSON form or as lines for people."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable
from itertools import islice
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from cli.errors import CommandError
from cli.output import AsJson, as_json_line, note

if TYPE_CHECKING:
    from streams.record import Record


def read(
    topic: Annotated[str, typer.Argument(help="A topic without prefix; `sx topics list` has all.")],
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on with what comes, until Ctrl-C.")
    ] = False,
    from_beginning: Annotated[
        bool,
        typer.Option(
            "--from-beginning",
            help="With --follow: first all that is there (without --follow it always is).",
        ),
    ] = False,
    key: Annotated[str | None, typer.Option(help="Only the records with this key.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many records.")] = None,
    json: AsJson = False,
) -> None:
    """Read a topic: what it holds now, in order of arrival; with --follow what comes from now on.

    --json prints the JSON form, one record a line, as `sx publish` takes it. What cannot be read
    is shown with its bytes and the cause; of a dead letter it is told where it came from and why;
    a changelog's records are shown as rows.
    """
    from cli.broker import codec, connect
    from cli.reading import coming, stored
    from cli.records import shown
    from schemas.catalogue import TOPICS

    if topic not in TOPICS:
        raise CommandError(f"there is no topic {topic!r}{_near(topic, TOPICS)}")
    broker, reads = connect(), codec()
    records: Iterable[Record] = (
        coming(broker, topic, from_beginning=from_beginning, lost=_waits, ended=_interrupted())
        if follow
        else stored(broker, [topic])
    )
    if key is not None:
        wanted = key.encode()
        records = (record for record in records if record.key == wanted)
    count = 0
    for record in islice(records, limit):
        count += 1
        form = shown(record, reads)
        if json:
            as_json_line(form)
        else:
            _print(form, f"{record.partition}/{record.offset}")
    if not json and not count:
        note(f"no record{'' if key is None else f' with the key {key}'} in {topic}")


def _print(form: dict[str, object], place: str) -> None:
    from cli.records import line

    console = Console()
    console.print(
        line(form, place),
        highlight=False,
        markup=False,
        no_wrap=console.is_terminal,
        overflow="ellipsis" if console.is_terminal else "ignore",
        crop=console.is_terminal,
        soft_wrap=not console.is_terminal,
    )


def _interrupted() -> Callable[[], bool]:
    """Whether Ctrl-C was pressed: raised in the middle of a client's call, it would be lost."""
    pressed = Event()
    signal.signal(signal.SIGINT, lambda *_: pressed.set())
    return pressed.is_set


def _waits(reason: str) -> None:
    note(f"waiting for the broker: {reason}")


def _near(topic: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(topic, list(known), n=3, cutoff=0.5)
    return f"; did you mean {' or '.join(close)}?" if close else "; `sx topics list` shows all"
