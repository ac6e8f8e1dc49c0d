"""What the demo says at its end: the history of one Sx, where to look, how to go on."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.text import Text

from cli.board import COUNTED
from cli.output import show, table
from cli.stories import sx_shown
from services.read_model.query import show_sx
from services.read_model.valkey import ValkeyStore
from stack.local import LocalStack


@dataclass(frozen=True)
class Ending:
    """What is known when the story is over.

    prefix: of the run. sx_id: the Sx with the longest history. counts: `Board.counts`.
    """

    prefix: str
    sx_id: str
    counts: Mapping[str, int]


def history(redis_url: str, prefix: str, sx_id: str) -> None:
    """Prints an Sx as `sx show` does; raises `services.read_model.store.StoreAway`."""
    store = ValkeyStore(redis_url, prefix)
    try:
        story = show_sx(store, sx_id)
    finally:
        store.close()
    assert story is not None, "whatever stands on the board is in the read model"
    show(sx_shown(story))


def tell(ending: Ending, stack: LocalStack, *, ended: bool) -> None:
    """Says where to look and how to go on; `ended`: whether the stack is down by now."""
    console = Console()
    got = ", ".join(
        f"{ending.counts[n]} {title}" for n, title in COUNTED.items() if n != "payments"
    )
    places = [
        (got, near(stack.received_folder / "index.html") if ended else stack.vendors_url),
        ("metrics of each service", near(stack.folder / "metrics" / "*.prom")),
        ("logs of each service", near(stack.folder / "workers" / "*.log")),
    ]
    show(table("Where to look", ("what", "where"), places))
    sx, event = command(), ending.sx_id
    console.print(Text("To go on", style="bold"))
    lines = [
        f"export SX_PREFIX={ending.prefix} SX_INPUT_PREFIX={ending.prefix}",
        *([f"{sx} up -d"] if ended else []),
        f"{sx} show {event}",
        f"{sx} read sx.events --key {event}",
        f"{sx} dead-letters list",
        *([f"{sx} down"] if ended else []),
    ]
    for line in lines:
        console.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)


def command() -> str:
    """How this command is called here: `sx`, or its path where `sx` alone is not found."""
    found = shutil.which("sx")
    own = Path(sys.argv[0]).absolute()
    return "sx" if found is not None and Path(found).absolute() == own else near(own)


def near(path: Path) -> str:
    """A path as one types it here."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
