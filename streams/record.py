"""A record as it is consumed."""

from __future__ import annotations

import msgspec

Headers = tuple[tuple[str, bytes], ...]

DEAD_LETTER = "dead_letter_"
"""What begins the names of the headers that tell of a dead letter (ED-16)."""

MAX_RECORD_BYTES = 900_000
"""The largest record we produce: the client's limit, and the broker's, is 1 MB with all around it.

A record that the broker refused would abort its transaction, and every repetition of it (K-5).
"""


class Record(msgspec.Struct, frozen=True, gc=False):
    """One record as consumed. `topic` is unprefixed, `timestamp` is Kafka's, in ms."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    timestamp: int

    @property
    def kept_key(self) -> bytes | None:
        """The key as what tells of this record carries it: none where it is no key at all (K-5)."""
        fits = self.key is not None and len(self.key) < MAX_RECORD_BYTES // 2
        return self.key if fits else None

    @property
    def coordinates(self) -> str:
        """`topic/partition/offset`, the identity of a record that carries none."""
        return f"{self.topic}/{self.partition}/{self.offset}"
