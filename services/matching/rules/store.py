"""By which policy an Sx is matched: its BU's, as it holds in its store (ED-11, MA-18)."""

from __future__ import annotations

from collections.abc import Mapping

from policies.model import Policy
from policies.stores import StoreError
from schemas.types.smd import Store
from streams.rules import Context

CATALOGUE = "order_ingest.catalogue"


def policy_of(policies: Mapping[str, Policy], bu: str, store_id: str, context: Context) -> Policy:
    """The policy in the store; the BU's own where the catalogue has that store no more.

    An Sx has been made for it, so it still wants its Pro: no reason for a dead letter.
    """
    policy = policies[bu]
    store = context.references[CATALOGUE].get(store_id, context.now)
    if not isinstance(store, Store):
        return policy
    try:
        return policy.for_store(store)
    except StoreError:
        return policy
