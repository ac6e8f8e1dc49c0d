"""Watching processes end."""

import time
from collections.abc import Iterable

from stack.process import Part, ProcessId


def processes(parts: Iterable[Part]) -> list[ProcessId]:
    """Guards and commands of these parts."""
    return [each for part in parts for each in (part.guard, part.command)]


def assert_all_end(watched: Iterable[ProcessId], within_s: float = 60) -> None:
    until = time.monotonic() + within_s
    left = list(watched)
    while left := [each for each in left if each.alive()]:
        assert time.monotonic() < until, f"still running: {left}"
        time.sleep(0.02)
