"""The stage of providers: the last good record of each is in force (ED-16, MA-2)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from policies.calendar import HalfDay
from schemas.types.spo import Provider
from services.matching.rules.events import ProviderGone, ProviderSaid
from services.matching.rules.evolve import evolve_provider
from services.matching.rules.state import Absence, ProviderState, Trade
from streams.rules import Accept, Context, Message, Poison, Repeat, Send, Unasked, Verdict


class Providers(Unasked):
    """`streams.rules.Rules` over the table `providers`; jobs he has stay whatever it says."""

    def entity(self, message: Message) -> str:
        """The provider_id, which is the key."""
        return message.key

    def decide(self, state: ProviderState | None, message: Message, context: Context) -> Verdict:
        """A record replaces the one before, a tombstone removes it."""
        match message.event:
            case Provider() as record:
                return Accept([ProviderSaid(provider_of(record))], rule="ED-16")
            case None:
                return Repeat("ED-16") if state is None else Accept([ProviderGone()], rule="ED-16")
        raise Poison("INVALID", f"{type(message.event).__name__} is no provider")

    def evolve(self, state: ProviderState | None, event: Any) -> ProviderState | None:
        """See `evolve.evolve_provider`."""
        return evolve_provider(state, event)

    def outputs(
        self,
        before: ProviderState | None,
        event: Any,
        after: ProviderState | None,
        context: Context,
    ) -> Iterable[Send]:
        """Nobody is told: who reads providers reads `matching.providers`."""
        return ()


def provider_of(record: Provider) -> ProviderState:
    """What matching needs of a record; nothing personal."""
    return ProviderState(
        provider_id=record.provider_id,
        bu=record.bu,
        authorized=record.authorized,
        stores=record.stores,
        trades=tuple(Trade(p.profession, p.specialties, p.rank) for p in record.professions),
        zones=record.zones,
        workers=tuple(sorted({worker.worker_id for worker in record.workers})),
        absences=tuple(
            Absence(
                HalfDay(item.from_, item.from_half_day),
                HalfDay(item.to, item.to_half_day),
                item.worker_id,
            )
            for item in record.unavailabilities
        ),
    )
