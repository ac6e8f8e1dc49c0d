"""Who an event is."""

from __future__ import annotations

from typing import Final


class Envelope:
    """Who an event is: `id` is the dedupe key, `time` (ms) is when it happened."""

    def __init__(
        self,
        id: str,
        type: str,
        time: int,
        source: str = "",
        subject: str = "",
        correlation: str = "",
        causation: str = "",
        traceparent: str = "",
    ) -> None:
        self.id: Final = id
        self.type: Final = type
        self.time: Final = time
        self.source: Final = source
        self.subject: Final = subject
        self.correlation: Final = correlation
        self.causation: Final = causation
        self.traceparent: Final = traceparent
