"""Tables equal their changelogs: the digest of a worker's and that of the log (K-9, K-18)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b

from tests.chaos.checker import topology
from tests.chaos.checker.world import Digest, Place, Violation, World

Log = Mapping[bytes, bytes]
"""The rows that a changelog partition holds: of each key the last."""


def looked_at(world: World) -> int:
    """How many partitions of tables."""
    return len(world.digests or ())


def check(world: World) -> Iterator[Violation]:
    """Kinds: table-differs, table-twice, table-missing. Nothing where no worker was asked.

    Where any was, all of all services must have been: a table that nobody names is held by nobody.
    """
    if world.digests is None:
        return
    yield from differing(world.digests, world.logs)
    met = {(said.changelog, said.partition) for said in world.digests}
    for service in topology.SERVICES:
        for changelog in topology.changelogs(service):
            for place, log in world.logs.items():
                if place[0] == changelog and log and place not in met:
                    what = "no worker holds it"
                    yield Violation("table-missing", f"{place[0]}/{place[1]}", what)


def differing(digests: Iterable[Digest], logs: Mapping[Place, Log]) -> Iterator[Violation]:
    """What workers say of tables that is not what their changelogs hold, or said by two of them."""
    met: dict[Place, str] = {}
    for said in digests:
        place = (said.changelog, said.partition)
        where = f"{said.worker}: {said.changelog}/{said.partition}"
        other = met.setdefault(place, said.worker)
        if other != said.worker:
            yield Violation("table-twice", where, f"{other} holds it too")
        log = logs.get(place, {})
        if (said.rows, said.digest) != (len(log), digest_of(log)):
            what = (
                f"the table has {said.rows} rows, digest {said.digest};"
                f" the log {len(log)}, digest {digest_of(log)}"
            )
            yield Violation("table-differs", where, what)


def digest_of(log: Log) -> str:
    """BLAKE2b over keys and values, each behind its length, in the order of the keys' bytes."""
    digest = blake2b(digest_size=16)
    for key in sorted(log):
        digest.update(len(key).to_bytes(4, "big") + key)
        digest.update(len(log[key]).to_bytes(4, "big") + log[key])
    return digest.hexdigest()
