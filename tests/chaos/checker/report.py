"""All checks over one world: how many items each looked at, and what it found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from tests.chaos.checker import (
    calendars,
    emitted,
    half_days,
    inputs,
    lag,
    letters,
    messages,
    owed,
    payments,
    rows,
    tables,
    tickets,
    versions,
)
from tests.chaos.checker.world import Violation, World

Check = Callable[[World], Iterator[Violation]]
Count = Callable[[World], int]

CHECKS: Mapping[str, tuple[Check, Count]] = {
    "inputs": (inputs.check, inputs.looked_at),
    "lag": (lag.check, lag.looked_at),
    "versions": (versions.check, versions.looked_at),
    "events": (emitted.check, emitted.looked_at),
    "payments": (payments.check, payments.looked_at),
    "messages": (messages.check, messages.looked_at),
    "tickets": (tickets.check, tickets.looked_at),
    "calendars": (calendars.check, calendars.looked_at),
    "half-days": (half_days.check, half_days.looked_at),
    "rows": (rows.check, rows.looked_at),
    "owed": (owed.check, owed.looked_at),
    "tables": (tables.check, tables.looked_at),
    "dead letters": (letters.check, letters.looked_at),
}
"""Every check by name, and how many items it looks at."""


@dataclass(frozen=True)
class Report:
    """What was looked at, by check, what was found, and how many deliveries repeat a key."""

    looked_at: Mapping[str, int]
    violations: Mapping[str, tuple[Violation, ...]]
    repeated: int

    @property
    def found(self) -> tuple[Violation, ...]:
        """All violations."""
        return tuple(each for found in self.violations.values() for each in found)

    def as_json(self) -> dict[str, Any]:
        """The report for programs."""
        return {
            "looked_at": dict(self.looked_at),
            "repeated": self.repeated,
            "violations": [
                {"check": name, **asdict(each)}
                for name, found in self.violations.items()
                for each in found
            ],
        }

    def as_text(self, most: int = 20) -> str:
        """The report for people: a line for each check, then what it found, at most so many."""
        lines = [f"{'check':<14}{'looked at':>12}{'violations':>12}"]
        for name, number in self.looked_at.items():
            lines.append(f"{name:<14}{number:>12,}{len(self.violations[name]):>12,}")
        lines.append(f"deliveries repeated under the same key: {self.repeated:,}")
        for name, found in self.violations.items():
            lines += [f"{name}: {each.kind}: {each.where}: {each.what}" for each in found[:most]]
            if len(found) > most:
                lines.append(f"{name}: and {len(found) - most:,} more")
        return "\n".join(lines)


def examine(world: World) -> Report:
    """Runs every check."""
    return Report(
        {name: count(world) for name, (_, count) in CHECKS.items()},
        {name: tuple(check(world)) for name, (check, _) in CHECKS.items()},
        messages.repeated(world) + tickets.repeated(world),
    )
