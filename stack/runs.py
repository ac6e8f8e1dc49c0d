"""Runs beside one another on one broker: each has a prefix of its own (topology.md, 1)."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

_WITHIN_S = 60.0


def fresh_prefix(kind: str) -> str:
    """A prefix that nobody has used: `{kind}-{6 hex digits}.`"""
    return f"{kind}-{secrets.token_hex(3)}."


def dated_prefix(kind: str) -> str:
    """A prefix that says when (UTC): `{kind}-20260302-101500.`; later ones sort after it."""
    return f"{kind}-{datetime.now(UTC):%Y%m%d-%H%M%S}."


def forget_older(admin: AdminClient, kind: str, keep: int) -> list[str]:
    """Deletes the topics of all dated runs of a kind but the last `keep`; answers their prefixes.

    A broker that holds the topics of dozens of runs starts slowly. Raises KafkaException.
    """
    names = list(admin.list_topics(timeout=_WITHIN_S).topics)
    runs = sorted({name.partition(".")[0] for name in names if name.startswith(f"{kind}-")})
    old = [f"{run}." for run in (runs[:-keep] if keep else runs)]
    doomed = [name for name in names if name.startswith(tuple(old))] if old else []
    for deleted in (admin.delete_topics(doomed) if doomed else {}).values():
        try:
            deleted.result(_WITHIN_S)
        except KafkaException as error:
            # Somebody else was faster.
            if error.args[0].code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
                raise
    _await_gone(admin, set(doomed))
    return old


def _await_gone(admin: AdminClient, doomed: set[str]) -> None:
    until = time.monotonic() + _WITHIN_S
    while doomed & set(admin.list_topics(timeout=_WITHIN_S).topics):
        if time.monotonic() > until:
            return  # the broker goes on with it by itself
        time.sleep(0.05)
