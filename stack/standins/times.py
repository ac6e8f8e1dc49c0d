"""The ways in which the vendors write an instant (given in ms since the epoch)."""

from datetime import UTC, datetime
from email.utils import format_datetime


def iso(at_ms: int) -> str:
    """ISO 8601 in UTC, to the second: `2026-03-01T08:00:00Z`."""
    return f"{_utc(at_ms):%Y-%m-%dT%H:%M:%SZ}"


def rfc2822(at_ms: int) -> str:
    """RFC 2822 in UTC, to the second: `Sun, 01 Mar 2026 08:00:00 +0000`."""
    return format_datetime(_utc(at_ms))


def day(at_ms: int) -> str:
    """The day in UTC: `2026-03-01`."""
    return f"{_utc(at_ms):%Y-%m-%d}"


def _utc(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms // 1000, tz=UTC)
