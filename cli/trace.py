"""`sx trace`: what became of one input, across services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from cli.errors import CommandError
from cli.output import AsJson, as_json, show

if TYPE_CHECKING:
    from rich.tree import Tree

    from cli.tracing import Node

_STYLES = {
    "APPLIED": "green",
    "DUPLICATE": "dim",
    "PARKED": "yellow",
    "REFUSED": "magenta",
    "DEAD_LETTERED": "red",
}


def trace(
    ce_id: Annotated[
        str,
        typer.Argument(help="An event's id (ce_id); TOPIC/PARTITION/OFFSET for one without."),
    ],
    json: AsJson = False,
) -> None:
    """Show what became of one event: what each service decided, what that emitted, and so on.

    Reads the outcomes of all services and the headers of all events; it takes as long as there
    are many of them.
    """
    from cli.broker import codec, connect
    from cli.reading import each
    from cli.tracing import Index, as_data, near, topics
    from cli.tracing import trace as traced

    broker, reads, index = connect(), codec(), Index()
    with Console(stderr=True).status("Reading …") as status:
        for count, record in enumerate(each(broker, topics()), start=1):
            index.take(record, reads)
            if count % 10_000 == 0:
                status.update(f"Reading … {count} records")
    if not index.knows(ce_id):
        close = near(index, ce_id)
        raise CommandError(
            f"nothing on {broker.address} has the id {ce_id!r}"
            + (f"; did you mean {' or '.join(close)}?" if close else ".")
            + " The ids of records are shown by `sx read TOPIC --json`."
        )
    node = traced(index, ce_id)
    if json:
        as_json(as_data(node))
    else:
        show(_tree(node))


def _tree(node: Node) -> Tree:
    from rich.tree import Tree

    tree = Tree(_event(node), guide_style="dim")
    _grow(tree, node)
    return tree


def _grow(tree: Tree, node: Node) -> None:
    from rich.markup import escape

    for decision in node.decisions:
        outcome = decision.outcome
        style = _STYLES.get(outcome.outcome, "")
        why = " ".join(escape(text) for text in (outcome.rule, outcome.reason) if text)
        branch = tree.add(
            f"{decision.service} [{style}]{outcome.outcome}[/] {escape(outcome.entity or '')}"
            f" {why}".rstrip()
        )
        for emitted in decision.emitted:
            _grow(branch.add(_event(emitted)), emitted)
    for brought in node.brought:
        _grow(tree.add(_event(brought)), brought)
    for service in node.undecided:
        tree.add(f"{service} [yellow]has not decided yet[/]")


def _event(node: Node) -> str:
    from rich.markup import escape

    from cli.tracing import described

    told = {name: escape(text) for name, text in described(node).items()}
    return f"[bold]{told['type']}[/] {told['key']} [dim]{told['time']} {told['place']}[/]"
