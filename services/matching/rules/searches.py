"""The stage of searches: which rule judges which message of lifecycle (MA)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from policies.model import Policy
from schemas.types.lifecycle import (
    JobTaken,
    OfferClosed,
    PickWanted,
    SearchWanted,
    SxEnded,
    SxOpened,
    WorkerWanted,
)
from services.matching.rules.events import Forgotten
from services.matching.rules.evolve import FORGET, RETRY, evolve_search
from services.matching.rules.outputs import outputs
from services.matching.rules.pick import pick_wanted
from services.matching.rules.rounds import (
    job_taken,
    offer_closed,
    opened,
    retry,
    search_wanted,
    sx_ended,
)
from services.matching.rules.state import SearchState
from services.matching.rules.worker import worker_wanted
from streams.rules import Context, Message, Poison, Send, Unasked, Verdict, Write


class Searches(Unasked):
    """`streams.rules.Rules` over the table `searches`; the entity is the Sx."""

    def __init__(self, policies: Mapping[str, Policy]) -> None:
        self._policies = policies

    def entity(self, message: Message) -> str:
        """The sx_id; one of a BU that nobody configured is a dead letter (ED-16)."""
        event: Any = message.event
        if event.bu not in self._policies:
            raise Poison("UNKNOWN_BU", f"no policy for business unit {event.bu!r}")
        if not event.sx_id.startswith(f"{event.bu}-"):
            raise Poison("INVALID", f"{event.sx_id!r} is no Sx of {event.bu}")
        return str(event.sx_id)

    def decide(self, state: SearchState | None, message: Message, context: Context) -> Verdict:
        """One message of `lifecycle.matching`."""
        match message.event:
            case SxOpened() as event:
                return opened(state, event)
            case SearchWanted() as event:
                return search_wanted(self._policies, state, event, context)
            case OfferClosed() as event:
                return offer_closed(self._policies, state, event, context)
            case JobTaken() as event:
                return job_taken(state, event)
            case SxEnded() as event:
                return sx_ended(state, event, context)
            case PickWanted() as event:
                return pick_wanted(self._policies, state, event, context)
            case WorkerWanted() as event:
                return worker_wanted(state, event, context)
        raise Poison("INVALID", f"{type(message.event).__name__} is nothing that matching takes")

    def due(self, state: SearchState, name: str, at: int, context: Context) -> Sequence[Any]:
        """`retry`: the next run (MA-7). `forget`: an ended Sx need not be known any longer."""
        if name == RETRY:
            return retry(self._policies, state, context)
        if name == FORGET:
            return [Forgotten()]
        return super().due(state, name, at, context)

    def evolve(self, state: SearchState | None, event: Any) -> SearchState | None:
        """See `evolve.evolve_search`."""
        return evolve_search(state, event)

    def outputs(
        self, before: SearchState | None, event: Any, after: SearchState | None, context: Context
    ) -> Iterable[Send | Write]:
        """See `outputs.outputs`."""
        return outputs(event, after, context)
