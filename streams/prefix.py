"""The first nine bytes of a packed row: what it says without being decoded.

Its format (in the high bits: effects are pending, inputs wait) and its earliest deadline (ms,
big-endian). So a restore fills the heap of deadlines, and knows who owes, for the price of a look.
"""

from __future__ import annotations

PREFIX_BYTES = 9
"""Where the msgpack map of a packed row begins."""

_NEVER = b"\x7f\xff\xff\xff\xff\xff\xff\xff"
_EFFECTS = 0x80
_WAITING = 0x40
_FORMAT = 0x3F


class CorruptRow(Exception):
    """Bytes that are no row (K-20)."""


def prefix_of(version: int, effects: bool, waiting: bool, earliest: int | None) -> bytes:
    """The prefix of a row of format `version` that is next due at `earliest` (ms)."""
    flags = (_EFFECTS if effects else 0) | (_WAITING if waiting else 0)
    due = _NEVER if earliest is None else earliest.to_bytes(8, "big", signed=True)
    return bytes((version | flags,)) + due


def format_of(data: bytes) -> int:
    """The format of a packed row; raises `CorruptRow` where there is no prefix."""
    if len(data) < PREFIX_BYTES:
        raise CorruptRow(f"{len(data)} bytes are no row")
    return data[0] & _FORMAT


def earliest_of(data: bytes) -> int | None:
    """The earliest deadline (ms) of a packed row."""
    due = data[1:PREFIX_BYTES]
    return None if due == _NEVER else int.from_bytes(due, "big", signed=True)


def has_effects(data: bytes) -> bool:
    """Whether effects of a packed row are still to be carried out."""
    return data[0] & _EFFECTS != 0


def has_waiting(data: bytes) -> bool:
    """Whether inputs wait in a packed row: parked, stashed, or for an answer."""
    return data[0] & _WAITING != 0
