"""The topics of one run on the broker: made before it, gone after it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

from confluent_kafka.admin import AdminClient, NewTopic

_WITHIN_S = 120.0


def fresh(kind: str) -> str:
    """A prefix that nobody has used."""
    return f"bench-{kind}-{secrets.token_hex(3)}."


def make(
    admin: AdminClient,
    partitions: int,
    compacted: Mapping[str, bool],
    configs: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
) -> None:
    """Makes topics, by the broker's names: compacted ones where the value says so.

    configs: further settings of some of them.
    """
    wanted = [
        NewTopic(
            name,
            partitions,
            1,
            config={
                "cleanup.policy": "compact" if compact else "delete",
                **configs.get(name, {}),
            },
        )
        for name, compact in compacted.items()
    ]
    for made in admin.create_topics(wanted, operation_timeout=_WITHIN_S).values():
        made.result(_WITHIN_S)
    until = time.monotonic() + _WITHIN_S
    while not set(compacted) <= set(admin.list_topics(timeout=_WITHIN_S).topics):
        if time.monotonic() > until:
            raise TimeoutError("the broker does not see the topics that it has made")
        time.sleep(0.05)


@contextmanager
def forgotten(admin: AdminClient, prefix: str) -> Iterator[str]:
    """Deletes all topics whose names begin with the prefix, afterwards."""
    try:
        yield prefix
    finally:
        delete(admin, prefix)


def delete(admin: AdminClient, prefix: str) -> None:
    """Deletes all topics whose names begin with the prefix."""
    names = list(admin.list_topics(timeout=_WITHIN_S).topics)
    doomed = [name for name in names if name.startswith(prefix)]
    for deleted in (admin.delete_topics(doomed) if doomed else {}).values():
        deleted.result(_WITHIN_S)
