"""How things stand in a run, for the message of a test that waited in vain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import httpx

from schemas.topic import SERVICES
from stack.process import tail
from stack.workers import Workers

if TYPE_CHECKING:
    from tests.pipeline.live import Live

_TOLD = (
    *("sx_lag", "sx_oldest", "sx_overdue", "sx_parked", "sx_waiting", "sx_paused", "sx_rebalances"),
    *("sx_aborted", "sx_broker_outages", "sx_producer_recoveries", "sx_effect_failures"),
)
_LAST_LINES = 25


def standing(live: Live, workers: Iterable[Workers]) -> str:
    """What lies in the topics, why dead letters are, and what each worker says of itself."""
    return "\n".join((*_topics(live), *(line for each in workers for line in _workers(each))))


def _topics(live: Live) -> Iterator[str]:
    records = live.records()
    yield f"records: { {topic: len(found) for topic, found in records.items() if found} }"
    for event in live.events("sx.events"):
        yield f"{type(event).__name__} of {event.sx_id} at {event.at}"
    for service in SERVICES:
        told = Counter((e.topic, e.outcome) for e in live.events(f"{service}.outcomes"))
        yield f"{service}: {dict(told)}"
        for letter in records[f"{service}.dead-letters"]:
            yield f"dead letter of {service}: {dict(letter.headers)}"


def _workers(workers: Workers) -> Iterator[str]:
    with httpx.Client(timeout=5) as client:
        for name, part in workers.parts.items():
            yield f"--- {name}: {'runs' if part.alive() else 'is gone'}"
            for path in ("live", "ready", "metrics"):
                try:
                    text = client.get(f"{workers.url(name)}/{path}").text
                except httpx.HTTPError as error:
                    text = repr(error)
                lines = text.splitlines() if path != "metrics" else _metrics(text)
                yield from (f"/{path}: {line}" for line in lines)
            yield tail(workers.log(name), _LAST_LINES)


def _metrics(text: str) -> list[str]:
    """Those that say whether it hangs, without the zeros."""
    told = [line for line in text.splitlines() if line.startswith(_TOLD)]
    return [line for line in told if not line.endswith(" 0.0")]
