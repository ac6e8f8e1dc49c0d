"""What a worker says of the tables that it holds (`GET /tables`), to be held against changelogs.

Whoever reads a changelog partition, read committed, from its start to `position`, and keeps the
last value of each key, without the keys whose last record is a tombstone, has what the worker has:
as many keys as `rows`, and the same `digest`. That is BLAKE2b of 16 bytes, in hexadecimal, over
the rows in the order of their keys' bytes; of each row: the length of the key in bytes (4 bytes,
big-endian), the key, the length of the value (4 bytes, big-endian), the value as in the log.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from hashlib import blake2b
from queue import SimpleQueue

import msgspec
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from streams.kafka.reader import written
from streams.kafka.settings import KafkaSettings
from streams.service import Service
from streams.task import StreamTask

_WITHIN_S = 10.0

Standing = dict[str, str | int]
"""Of one partition of a table: table, partition, changelog (its name without prefix), position,
rows and digest."""


def digest(rows: Mapping[str, bytes]) -> str:
    """The digest of the rows of one partition, as the module says."""
    found = blake2b(digest_size=16)
    for key, value in sorted(rows.items()):  # by code point, which is the order of UTF-8 bytes
        name = key.encode()
        found.update(len(name).to_bytes(4, "big") + name + len(value).to_bytes(4, "big") + value)
    return found.hexdigest()


class Standings:
    """Questions how tables stand: asked by any thread, answered by the worker between batches."""

    def __init__(self, service: Service, settings: KafkaSettings) -> None:
        self._service = service
        self._settings = settings
        self._asked: SimpleQueue[Future[list[Standing]]] = SimpleQueue()

    def ask(self) -> bytes:
        """How all tables stand, as JSON: a list of `Standing`.

        Raises TimeoutError where that cannot be said: it starts, or waits for the broker.
        """
        future: Future[list[Standing]] = Future()
        self._asked.put(future)
        return msgspec.json.encode(future.result(_WITHIN_S))

    def answer(self, tasks: Iterable[StreamTask]) -> None:
        """Answers whoever has asked; only with no transaction open, and by who opens them."""
        while not self._asked.empty():
            future = self._asked.get()
            try:
                future.set_result(self._standings(tasks))
            except KafkaException as error:
                future.set_exception(TimeoutError(error.args[0].str()))

    def _standings(self, tasks: Iterable[StreamTask]) -> list[Standing]:
        """Nobody else writes these changelogs: their ends are where the tables stand."""
        tables = {
            (self._service.changelog(name), task.partition): table
            for task in tasks
            for name, table in task.tables.items()
        }
        write = self._settings.names.write
        places = [(write(changelog), partition) for changelog, partition in tables]
        ends = written(AdminClient(self._settings.connection()), places)
        return [
            {
                "table": table.table.name,
                "partition": partition,
                "changelog": changelog,
                "position": ends[write(changelog), partition],
                "rows": len(table.rows),
                "digest": digest(table.rows),
            }
            for (changelog, partition), table in tables.items()
        ]
