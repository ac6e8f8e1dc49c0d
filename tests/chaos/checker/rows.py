"""Rows say what the events say: each version told is in its row, and no row says more (SX-17).

Whatever a worker holds in memory, its changelog is what it would restore: an Sx, a Px or a task of
another version there was written by somebody else, or is lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tests.chaos.checker.world import RowSeen, Violation, World

Versions = Mapping[str, tuple[int, str]]
"""Version, and status where there is one, by the entity's id."""


def looked_at(world: World) -> int:
    """How many rows that have a version."""
    return sum(len(world.rows.get(f"{table}.changelog", {})) for table in _TABLES)


_TABLES = ("lifecycle.sx", "order_ingest.px", "ticketing.tasks")


def check(world: World) -> Iterator[Violation]:
    """Kinds: row-differs, row-missing, row-unfounded, sibling-differs."""
    told_sx = {
        sx_id: (event["version"], event["sx"]["status"])
        for sx_id, event in world.last_of_sx.items()
    }
    yield from _compared(_sx(world), told_sx)
    told_px = {
        event["px_id"]: (event["version"], event["px"]["status"])
        for _, event in world.events("px.events")
    }
    yield from _compared(_px(world), told_px)
    told_tasks = {event["task_id"]: (event["version"], "") for _, event in world.events("tasks")}
    yield from _compared(_tasks(world), told_tasks)
    for row in world.rows_of("order_ingest", "px"):
        for px in (row.state or {}).get("px", ()):
            for sx in px["sx"]:
                known = told_sx.get(sx["sx_id"])
                if known is None or known[1] != sx["status"]:
                    what = f"{px['px_id']} takes {sx['sx_id']} for {sx['status']}: {known}"
                    yield Violation("sibling-differs", row.where, what)


def _compared(
    found: Iterator[tuple[RowSeen, str, int, str]], told: Versions
) -> Iterator[Violation]:
    held = set()
    for row, entity, version, status in found:
        held.add(entity)
        if entity not in told:
            what = f"holds {entity} in version {version}, of which no event tells"
            yield Violation("row-unfounded", row.where, what)
        elif told[entity] != (version, status):
            what = f"holds {entity} as {(version, status)}, its events say {told[entity]}"
            yield Violation("row-differs", row.where, what)
    for entity in told.keys() - held:
        yield Violation("row-missing", entity, f"is told as {told[entity]}, and in no row")


def _sx(world: World) -> Iterator[tuple[RowSeen, str, int, str]]:
    for row in world.rows_of("lifecycle", "sx"):
        if row.state is not None:
            yield row, row.key, row.state["version"], row.state["status"]


def _px(world: World) -> Iterator[tuple[RowSeen, str, int, str]]:
    for row in world.rows_of("order_ingest", "px"):
        for px in (row.state or {}).get("px", ()):
            yield row, px["px_id"], px["version"], px["status"]


def _tasks(world: World) -> Iterator[tuple[RowSeen, str, int, str]]:
    for row in world.rows_of("ticketing", "tasks"):
        for task_id, task in (row.state or {}).get("tasks", {}).items():
            yield row, task_id, task["version"], ""
