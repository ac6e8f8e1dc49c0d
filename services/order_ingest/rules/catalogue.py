"""The first stage: services and stores that are good go on into the catalogue (ED-16).

A bad one is dead-lettered here, once for all services; the last good record stays in force.
"""

from collections.abc import Sequence

from policies.load import Policies
from policies.stores import StoreError
from schemas.types import smd
from services.order_ingest.rules.business_unit import check_owner, policy_of
from services.order_ingest.rules.names import CATALOGUE, INVALID
from streams.rules import Message, Poison, Send


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
            case smd.Store():
                self._check_store(event)
            case _:
                policy_of(self._policies, message.key.partition(":")[0])
        return [Send(CATALOGUE, message.key, event)]

    def _check_store(self, store: smd.Store) -> None:
        policy = policy_of(self._policies, store.bu)
        check_owner("store", store.store_id, store.bu)
        try:
            policy.for_store(store)
        except StoreError as error:
            raise Poison(INVALID, str(error)) from error
