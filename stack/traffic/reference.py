"""The reference data of the world: stores, services, Pros (events.md, `smd.*`, `spo.providers`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stack.traffic.countries import (
    COMMON,
    CONTESTED,
    COUNTRIES,
    EXTRA,
    SCARCE,
    TRADES,
    Country,
    Trade,
    Zone,
)

WORKERS = 6
"""Workers of a Pro of a common trade."""

Said = tuple[str, str, dict[str, Any]]
"""Topic, type and data of a record."""


def provider_id(bu: str, zone: Zone | None, trade: Trade, number: int) -> str:
    """The id of a Pro: of a zone (0 for none) and a trade; 1 is the store's, 2 is not."""
    return f"{bu}:{0 if zone is None else zone.number}{trade.digit}{number}"


def worker_id(provider: str, number: int) -> str:
    """The id of a worker, from 1."""
    return f"{provider}:w{number}"


def store_id(bu: str, zone: Zone) -> str:
    """The id of the store of a zone."""
    return f"{bu}:{zone.number}"


def references(bu: str) -> Iterator[Said]:
    """All reference records of a country."""
    country = COUNTRIES[bu]
    for zone in country.zones:
        yield "smd.stores", "Store", _store(bu, zone)
    yield from (("smd.services", "Service", data) for data in _services(bu))
    yield from (("spo.providers", "Provider", data) for data in _providers(country))


def _store(bu: str, zone: Zone) -> dict[str, Any]:
    data = {"store_id": store_id(bu, zone), "bu": bu, "name": zone.town, "zip": zone.zip}
    return data if zone.cluster is None else {**data, "cluster": zone.cluster}


def _services(bu: str) -> Iterator[dict[str, Any]]:
    visit = "BUDGET" if bu == "LMPT" else "TECHNICAL_VISIT"
    for trade in TRADES:
        yield _service(bu, trade.code, trade, "INSTALLATION", trade.minutes)
        yield _service(bu, trade.visit, trade, visit, 60)
    yield _service(bu, EXTRA, COMMON[0], "EXTRA", 0)


def _service(bu: str, code: str, trade: Trade, kind: str, minutes: int) -> dict[str, Any]:
    return {
        "bu": bu,
        "code": code,
        "label": f"{trade.specialty.replace('_', ' ').capitalize()} ({kind.lower()})",
        "profession": trade.profession,
        "specialty": trade.specialty,
        "kind": kind,
        "duration_minutes": minutes,
    }


def _providers(country: Country) -> Iterator[dict[str, Any]]:
    for zone in country.zones:
        for trade in COMMON:
            yield provider(country, zone, trade, 1, WORKERS)
            yield provider(country, zone, trade, 2, WORKERS)
        yield provider(country, zone, CONTESTED, 1, 1)
    yield provider(country, None, SCARCE, 1, 2 * WORKERS)


def provider(
    country: Country, zone: Zone | None, trade: Trade, number: int, workers: int
) -> dict[str, Any]:
    """The record of a Pro."""
    own = provider_id(country.bu, zone, trade, number)
    of_store = zone is not None and number == 1
    town = "country" if zone is None else zone.town
    return {
        "provider_id": own,
        "bu": country.bu,
        "name": f"{trade.specialty.replace('_', ' ').capitalize()} {town} {number}",
        "authorized": True,
        "stores": [store_id(country.bu, zone)] if of_store and zone is not None else [],
        "professions": [
            {"profession": trade.profession, "specialties": [trade.specialty], "rank": 1}
        ],
        "zones": [] if zone is None else [zone.prefix],
        "workers": [
            {"worker_id": worker_id(own, n), "name": f"Worker {n}"} for n in range(1, workers + 1)
        ],
        "unavailabilities": [],
        "push_token": f"token-{own}",
    }
