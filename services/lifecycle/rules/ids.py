"""The ids that lifecycle makes or reads (ED-20): deterministic, each carries its business unit."""

import re
from typing import NamedTuple

_SX = re.compile(r"(?P<bu>[^-]*)-[^-]+-(?P<kind>[IVB])-\d+(?:-R\d+)*")
_KINDS = {"I": "INSTALLATION", "V": "TECHNICAL_VISIT", "B": "BUDGET"}


class Attempt(NamedTuple):
    """Which offer of an Sx: they sort as they are made."""

    round: int
    number: int


def bu_of(sx_id: str) -> str:
    """The business unit of an Sx: the text before its first dash."""
    return sx_id.partition("-")[0]


def kind_of(sx_id: str) -> str | None:
    """The kind that the id says, None for a rework or an id that no Sx has."""
    match = _SX.fullmatch(sx_id)
    return None if match is None or "-R" in sx_id else _KINDS[match["kind"]]


def contract_agreement(sx_id: str, version: int, sending: int = 1) -> str:
    """`{sx_id}/C{version}.{n}`: n counts the sendings of the version."""
    return f"{sx_id}/C{version}.{sending}"


def wcf_agreement(sx_id: str, sending: int = 1) -> str:
    """`{sx_id}/W.{n}`: n counts the sendings of the work closing form."""
    return f"{sx_id}/W.{sending}"


def offer_id(sx_id: str, attempt: Attempt) -> str:
    """`{sx_id}/{round}.{attempt}`."""
    return f"{sx_id}/{attempt.round}.{attempt.number}"


def attempt_of(sx_id: str, offer: str) -> Attempt | None:
    """The attempt that an offer's id names, None where it is no offer of this Sx."""
    match = re.fullmatch(re.escape(sx_id) + r"/(\d{1,9})\.(\d{1,9})", offer)
    return None if match is None else Attempt(int(match[1]), int(match[2]))
