"""The first stage: services and stores that are good go on into the catalogue (ED-16).

A bad one is dead-lettered here, once for all services; the last good record stays in force.
"""

from collections.abc import Sequence

from policies.stores import StoreError
from policies.units import Policies
from schemas.types import smd
from services.order_ingest.rules.business_unit import check_owner, policy_of
from services.order_ingest.rules.names import CATALOGUE, INVALID
from streams.rules import Message, Poison, Send

LONGEST_TEXT = 200
"""Characters of a text of the catalogue: orders, offers and searches carry some of them on."""


class CatalogueCheck:
    """Checks one record of reference data and sends it on under its own key."""

    def __init__(self, policies: Policies) -> None:
        self._policies = policies

    def __call__(self, message: Message) -> Sequence[Send]:
        """The record for the catalogue, a tombstone too; raises `Poison`."""
        event = message.event
        match event:
            case smd.Service():
                policy_of(self._policies, event.bu)
                _check_texts(event.code, event.label, event.profession, event.specialty)
            case smd.Store():
                self._check_store(event)
            case _:
                policy_of(self._policies, message.key.partition(":")[0])
        return [Send(CATALOGUE, message.key, event)]

    def _check_store(self, store: smd.Store) -> None:
        policy = policy_of(self._policies, store.bu)
        check_owner("store", store.store_id, store.bu)
        _check_texts(store.store_id, store.name, store.zip, store.region, store.cluster)
        try:
            policy.for_store(store)
        except StoreError as error:
            raise Poison(INVALID, str(error)) from error


def _check_texts(*texts: str | None) -> None:
    for text in texts:
        if text is not None and len(text) > LONGEST_TEXT:
            told = f"a text of {len(text)} characters, {LONGEST_TEXT} at most"
            raise Poison(INVALID, f"{text[:20]}…: {told}")
