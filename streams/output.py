"""A record to be produced."""

from __future__ import annotations

from typing import Final

from streams.record import Headers


class Output:
    """One record to be produced, in the transaction of the batch that decided it.

    partition: None for the one that its key lies in (murmur2), which the client knows to find.
    """

    def __init__(
        self,
        topic: str,
        partition: int | None,
        key: bytes | None,
        value: bytes | None,
        headers: Headers = (),
    ) -> None:
        self.topic: Final = topic
        self.partition: Final = partition
        self.key: Final = key
        self.value: Final = value
        self.headers: Final = headers
