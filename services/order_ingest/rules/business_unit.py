"""The policy of the business unit that an id names (ED-16, ED-20)."""

from policies.model import Policy
from policies.units import Policies, UnknownBusinessUnit
from services.order_ingest.rules.names import INVALID, UNKNOWN_BU
from streams.rules import Poison


def policy_of(policies: Policies, bu: str) -> Policy:
    """The policy of a business unit; `Poison` UNKNOWN_BU for one that nobody configured."""
    try:
        return policies.for_bu(bu)
    except UnknownBusinessUnit as error:
        raise Poison(UNKNOWN_BU, str(error)) from error


def check_owner(what: str, identity: str, bu: str) -> None:
    """Ids carry their BU (ED-20): `Poison` INVALID for one that carries another."""
    if identity.partition(":")[0] != bu:
        raise Poison(INVALID, f"{what} {identity} is not of business unit {bu}")
