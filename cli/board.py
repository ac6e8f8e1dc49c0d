"""The board of the demo: every Sx of the story as it is now, and what happened last.

It is filled from public events alone, and drawn as a table for a terminal, or line by line.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from schemas.types import notifications, payments, px, sx, tasks
from schemas.types.common import SxSnapshot
from services.read_model.rules.wording import STATUS_NAMES
from stack.story.orders import BEGIN
from streams.instant import milliseconds

_LAST = 7

STYLES = {
    "PRE_SCHEDULED": "yellow",
    "SCHEDULED": "cyan",
    "DISTRIBUTED": "cyan",
    "CONFIRMED": "blue",
    "IN_PROGRESS": "magenta",
    "WAITING_FOR_WCF": "magenta",
    "DONE": "green",
    "CLOSED": "bold green",
    "CANCELED": "red",
}
"""How a status looks; one that is not here looks plain."""


@dataclass
class Row:
    """One Sx on the board."""

    customer: str = ""
    snapshot: SxSnapshot | None = None
    version: int = 0
    contract: str = ""
    latest: str = ""
    tasks: list[str] = field(default_factory=list)


@dataclass
class Board:
    """The state of the story. `see` is an audience of `stack.story.stage.Stage`."""

    now: int = milliseconds(BEGIN)
    rows: dict[str, Row] = field(default_factory=dict)
    px: dict[str, str] = field(default_factory=dict)
    last: deque[str] = field(default_factory=lambda: deque(maxlen=_LAST))
    counts: Counter[str] = field(default_factory=Counter)

    def see(self, now: int, events: Sequence[Any]) -> list[str]:
        """Takes what has happened by `now` (ms); a line for each event."""
        self.now = now
        lines = [line for event in events if (line := self._see(event))]
        self.last.extend(lines)
        return lines

    def _see(self, event: Any) -> str:
        match event:
            case notifications.MessageSent():
                self.counts[event.channel] += 1
                return _line(event.at, event.sx_id, f"{_CARRIED[event.channel]} {event.template}")
            case notifications.MessageFailed():
                return _line(event.at, event.sx_id, f"not delivered: {event.template}")
            case payments.PaymentTriggered():
                self.counts["payments"] += 1
                total = sum(amount.amount for amount in event.amounts)
                what = f"payment of {total} {event.currency} for {event.provider_id}"
                return _line(event.at, event.sx_id, what)
            case tasks.TaskOpened():
                self.counts["tasks"] += 1
                self._row(event.sx_id).tasks.append(event.kind)
                return _line(event.at, event.sx_id, f"task {event.kind}: {event.reason}")
            case tasks.TaskSolved():
                row = self._row(event.sx_id)
                row.tasks = [kind for kind in row.tasks if kind != event.kind]
                return _line(event.at, event.sx_id, f"task {event.kind} solved: {event.why}")
            case px.PxOpened() | px.PxSxAdded() | px.PxStatusChanged():
                before = self.px.get(event.px_id)
                self.px[event.px_id] = event.px.status
                if before == event.px.status:
                    return ""
                return _line(
                    event.at,
                    event.px_id,
                    f"Px {STATUS_NAMES.get(event.px.status, event.px.status)}",
                    event.rule,
                )
            case tasks.TaskTicketed():
                return ""
            case tasks.TaskFailed():
                return _line(event.at, event.sx_id, f"ticket refused: {event.error}")
        return self._see_sx(event)

    def _see_sx(self, event: Any) -> str:
        row = self._row(event.sx_id)
        if event.sx is not None:
            row.snapshot, row.version = event.sx, event.version
        if event.person is not None:
            row.customer = event.person.name
        row.contract = _contract(event) or row.contract
        row.latest = f"{event.code} ({event.rule})"
        return _line(event.at, event.sx_id, event.code, event.rule, event.actor.role)

    def _row(self, sx_id: str) -> Row:
        return self.rows.setdefault(sx_id, Row())

    def eventful(self) -> str:
        """The Sx with the longest history."""
        return max(self.rows, key=lambda sx_id: (self.rows[sx_id].version, sx_id))

    def drawn(self, width: int) -> RenderableType:
        """The board as a table, under the instant of the story, with what happened last.

        width: columns of the terminal; a narrow one shows less of each Sx.
        """
        table = Table(header_style="bold", box=SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
        wide = width >= _WIDE
        for column, narrow_too in _COLUMNS.items():
            if wide or narrow_too:
                table.add_column(column, no_wrap=column != _TASKS, overflow="ellipsis")
        for sx_id, row in sorted(self.rows.items()):
            if row.snapshot is not None:
                cells = zip(_cells(sx_id, row, row.snapshot), _COLUMNS.values(), strict=True)
                table.add_row(*(cell for cell, narrow_too in cells if wide or narrow_too))
        counted = " · ".join(f"{self.counts[name]} {title}" for name, title in COUNTED.items())
        lines = Text("\n".join(self.last), style="dim", no_wrap=True, overflow="ellipsis")
        return Group(
            Text(f"{when(self.now, '%A %-d %B %Y, %H:%M')} UTC", style="bold reverse"),
            table,
            Text(counted),
            Padding(lines, (1, 0, 0, 2)),
        )


_WIDE = 150
_TASKS = "open tasks"
_COLUMNS = {
    "Sx": True,
    "customer": False,
    "status": True,
    "planned": True,
    "Pro": True,
    "contract": False,
    "latest (rule)": False,
    _TASKS: True,
}
"""The columns, and whether a narrow terminal shows them too."""
_CARRIED = {"EMAIL": "mail", "SMS": "SMS", "PUSH": "push"}
COUNTED = {
    "EMAIL": "mails",
    "SMS": "SMS",
    "PUSH": "pushes",
    "tasks": "tickets",
    "payments": "payments",
}


def when(instant: int, form: str = "%d %b %H:%M") -> str:
    """An instant (ms) in the story's UTC."""
    return datetime.fromtimestamp(instant / 1000, UTC).strftime(form)


def _contract(event: Any) -> str:
    match event:
        case sx.ContractIssued():
            return f"v{event.contract_version} by {event.channel.lower()}"
        case sx.ContractSigned():
            return f"v{event.contract_version} signed"
        case sx.ContractOverdue():
            return f"v{event.contract_version} overdue"
        case sx.ContractSkipped():
            return "skipped"
    return ""


def _cells(sx_id: str, row: Row, now: SxSnapshot) -> tuple[Text | str, ...]:
    planned = "" if now.planned_on is None else f"{now.planned_on:%a %d %b} {now.half_day or ''}"
    return (
        sx_id,
        row.customer,
        Text(STATUS_NAMES.get(now.status, now.status), style=STYLES.get(now.status, "")),
        planned,
        now.provider_id or "",
        row.contract,
        row.latest,
        Text("\n".join(row.tasks), style="red"),
    )


def _line(at: int, whose: str, what: str, rule: str = "", who: str = "") -> str:
    return f"{when(at)}  {whose:<16} {what:<33} {rule:<6} {who.lower()}".rstrip()
