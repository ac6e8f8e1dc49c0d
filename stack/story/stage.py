"""The stage of the story: it watches what happens to each Sx and lets the people answer.

`watch` is for `simulation.driver.Driver`, which calls it whenever all services are at rest: what
has happened since is shown to the audience, and what people do about it goes on the agenda.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from simulation.driver import Publication
from stack.scenario.script import publication
from stack.story.orders import script
from stack.story.people import answers
from streams.codec import Codec
from streams.instant import milliseconds
from streams.record import Record

WATCHED = ("sx.events", "px.events", "tasks", "notifications", "payments")
"""The topics that the audience sees: all that tells what happened in public."""

UNTIL = milliseconds("2026-03-11T12:00:00Z")
"""The end of the story (ms): by then everybody has done what he does."""

Audience = Callable[[int, Sequence[Any]], None]
"""Is shown the instant (ms) and the events since the last one, in the order they are dated."""


def nobody(_now: int, _events: Sequence[Any]) -> None:
    """An audience for a story that is played for its outcome only."""


class Stage:
    """more: the records of `WATCHED` that were added since it was last called."""

    def __init__(
        self, more: Callable[[], Iterable[Record]], codec: Codec, audience: Audience = nobody
    ) -> None:
        self._more = more
        self._codec = codec
        self._audience = audience

    def script(self) -> list[Publication]:
        """What happens of itself: reference data, and what customers order."""
        return [publication(line, self._codec) for line in script()]

    def watch(self, now: int) -> Iterator[Publication]:
        """What people do about the events since the last call, for the agenda."""
        events = [event for _, event in sorted(map(self._placed, self._more()), key=_place)]
        self._audience(now, events)
        for event in events:
            yield from (publication(line, self._codec) for line in answers(event))

    def _placed(self, record: Record) -> tuple[Record, Any]:
        assert record.value is not None, "none of the topics watched is compacted"
        return record, self._codec.decode(record.topic, record.value)


def _place(seen: tuple[Record, Any]) -> tuple[int, int, int, int]:
    """The same order in memory and on a broker: by date, what causes before what it causes."""
    record, event = seen
    return event.at, WATCHED.index(record.topic), record.partition, record.offset
