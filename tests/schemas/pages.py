"""Reads the tables of docs/topology.md and docs/events.md."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
_NAME = re.compile(r"\b[A-Z][a-z]+(?:[A-Z][a-z]+)*\b")
_TABLE = re.compile(r"(\w+(?: and \w+)*) \((\w+)")
_HEADING = re.compile(r"^`([a-z.]+)` .*?— key `(\w+)`", re.MULTILINE)
_NO_EVENTS = frozenset({"Sx", "Px"})
_SHORT = {"catalogue": "order_ingest.catalogue", "providers": "matching.providers"}


@dataclass(frozen=True)
class StageRow:
    """A row of the table of stages. `reads` holds (topic, whether it is read as a whole)."""

    stage: str
    reads: frozenset[tuple[str, bool]]
    tables: dict[str, str]
    writes: frozenset[str]


@dataclass(frozen=True)
class TopicRow:
    """What a page says of a topic."""

    name: str
    key: str
    records: frozenset[str]
    by: str | None = None
    compacted: bool = False
    single: bool = False


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def _rows(text: str, head: str) -> Iterator[list[str]]:
    """The cells of the table whose first line begins with `head`, below its head."""
    lines = iter(text.splitlines())
    for line in lines:
        if line.startswith(head):
            break
    next(lines)
    for line in lines:
        if not line.startswith("|"):
            return
        yield [cell.strip() for cell in line.strip("|").split("|")]


def stages() -> list[StageRow]:
    found = []
    for stage, reads, rows, writes in _rows(page("topology.md"), "| stage |"):
        name = re.sub(r" \(.*\)", "", stage)
        tables = {t: key for names, key in _TABLE.findall(rows) for t in names.split(" and ")}
        found.append(StageRow(name, frozenset(_reads(reads)), tables, frozenset(_writes(writes))))
    return found


def _reads(cell: str) -> Iterator[tuple[str, bool]]:
    for part in cell.split("; "):
        for name in part.removeprefix("*global* ").split(", "):
            yield _SHORT.get(name, name), part.startswith("*global*")


def _writes(cell: str) -> Iterator[str]:
    for part in cell.split("; "):
        if part and not part.startswith(("effect", "Valkey")):
            yield from part.split(", ")


def private_topics() -> list[TopicRow]:
    found = []
    for name, key, carries in _rows(page("topology.md"), "| private topic |"):
        by = re.search(r"by (\w+)", key)
        found.append(
            TopicRow(
                name.strip("`"),
                re.sub(r" \(.*\)", "", key).split(",")[0],
                frozenset(_NAME.findall(carries)) - _NO_EVENTS,
                by[1] if by else None,
                "*compacted*" in key,
                "one partition" in key,
            )
        )
    return found


def input_topics() -> dict[str, tuple[TopicRow, str]]:
    """The inputs with events, each with the text of its block."""
    text = page("events.md").split("## In:")[1].split("Reference data")[0]
    heads = list(_HEADING.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    found = {}
    for head, end in zip(heads, ends, strict=True):
        block = text[head.end() : end]
        names = re.findall(r"\b[A-Z][a-z]+(?:[A-Z][a-zA-Z]+)+\b", block)
        found[head[1]] = TopicRow(head[1], head[2], frozenset(names) - {"OrderLine"}), block
    return found


def reference_topics() -> dict[str, tuple[TopicRow, str]]:
    found = {}
    for name, key, record in _rows(page("events.md"), "| topic | key | record |"):
        key = re.sub(r" \(.*\)", "", key).strip("`")
        row = TopicRow(name.strip("`"), key, frozenset({record.split()[0]}), compacted=True)
        found[row.name] = row, record
    return found


def output_topics() -> list[TopicRow]:
    return [
        TopicRow(name.strip("`"), key, frozenset(re.findall(r"\b(?:[A-Z][a-z]+){2,}\b", events)))
        for name, key, events in _rows(page("events.md"), "| topic | key | events |")
    ]
