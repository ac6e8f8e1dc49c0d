"""Intake: checks each record of `spo.providers` and sends it on, partitioned by its BU (ED-16).

A bad record is a dead letter here, once for all who read `matching.providers`; the last good one
stays in force everywhere.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence

import msgspec
from msgspec.structs import replace

from schemas.types.spo import Provider, Unavailability
from streams.rules import Message, Poison, Send

PROVIDERS_TOPIC = "matching.providers"

MOST_BYTES = 500_000
"""A provider as JSON, which is more than his row takes of the 900,000 that one may have (K-5)."""

LONGEST_ID = 64
"""Characters of the id of a provider or worker: offers, bookings and events carry them on."""

_log = logging.getLogger(__name__)


class Intake:
    """The check, by the BUs that are configured."""

    def __init__(self, business_units: Collection[str]) -> None:
        self._business_units = frozenset(business_units)

    def __call__(self, message: Message) -> Sequence[Send]:
        """The record, or its removal, for `matching.providers`.

        Raises `Poison`: UNKNOWN_BU for a BU that nobody configured, INVALID for an id that is not
        `{bu}:{no}` or too long, or an absence that ends before it begins, TOO_LARGE for a record
        that no row has room for.
        """
        bu = self._business_unit(message.key)
        if message.event is None:
            return (Send(PROVIDERS_TOPIC, message.key, None, by=bu),)
        record = message.event
        if not isinstance(record, Provider):
            raise Poison("INVALID", f"{type(record).__name__} is no provider")
        if record.bu != bu:
            self._business_unit(f"{record.bu}:")
            raise Poison("INVALID", f"{record.provider_id!r} is no provider of {record.bu}")
        _check_size(record)
        return (Send(PROVIDERS_TOPIC, message.key, checked(record), by=bu),)

    def _business_unit(self, provider_id: str) -> str:
        bu, colon, _ = provider_id.partition(":")
        if not colon:
            raise Poison("INVALID", f"{provider_id!r} is not {{bu}}:{{no}}")
        if bu not in self._business_units:
            raise Poison("UNKNOWN_BU", f"no policy for business unit {bu!r}")
        return bu


def checked(record: Provider) -> Provider:
    """The record without unknown workers in `unavailabilities` and other BUs' `stores`; logged.

    A store of the BU itself that is not there (yet) does nothing in it: only the Sx of that store
    look for it. Raises `Poison` for an absence that ends before it begins.
    """
    workers = {worker.worker_id for worker in record.workers}
    absences = []
    for absence in record.unavailabilities:
        if _begins_after_its_end(absence):
            raise Poison("INVALID", f"unavailability from {absence.from_} ends before it begins")
        if absence.worker_id is None or absence.worker_id in workers:
            absences.append(absence)
        else:
            _log.warning(
                "%s: unavailability of unknown worker %s left out",
                record.provider_id,
                absence.worker_id,
            )
    stores = tuple(store for store in record.stores if store.startswith(f"{record.bu}:"))
    for store in set(record.stores) - set(stores):
        _log.warning("%s: unknown store %s left out", record.provider_id, store)
    return replace(record, stores=stores, unavailabilities=tuple(absences))


def _check_size(record: Provider) -> None:
    for identity in (record.provider_id, *(worker.worker_id for worker in record.workers)):
        if len(identity) > LONGEST_ID:
            told = f"an id of {len(identity)} characters, {LONGEST_ID} at most"
            raise Poison("INVALID", f"{identity[:20]}…: {told}")
    size = len(msgspec.json.encode(record))
    if size > MOST_BYTES:
        raise Poison("TOO_LARGE", f"{record.provider_id} takes {size} bytes, {MOST_BYTES} at most")


def _begins_after_its_end(absence: Unavailability) -> bool:
    return (absence.from_, absence.from_half_day) > (absence.to, absence.to_half_day)
