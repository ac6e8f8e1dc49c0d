"""A proxy that refuses the first batch of a topic, as a broker that has yet to hear that it leads.

Kafka's protocol by hand: Produce, from version 9 on (KIP-482); librdkafka sends one batch in each.
"""

from __future__ import annotations

import select
import socket
import struct
import threading
import time
from contextlib import suppress
from dataclasses import dataclass

from tests.kernel.own_broker import Proxy

_PRODUCE, _NOT_LEADER_OR_FOLLOWER = 0, 6
_ON_ITS_WAY_S = 1.0
"""A client that sends more before it is answered has done so by then."""


@dataclass(frozen=True)
class _Batch:
    """What a Produce request writes, and where the broker's answer belongs."""

    correlation: int
    topic: bytes
    partition: int


class NotYetLeader(Proxy):
    """Passes all on, but for one batch of a topic. refused: whether that has come."""

    def __init__(self, port: int, target: int) -> None:
        super().__init__(port, target)
        self._answering = threading.Lock()
        self._topic = b""
        self.refused = False

    def refuse_first(self, topic: str) -> None:
        """Answers the first batch of `topic` itself, when the next for its partition has come.

        That and all others go through, as the broker leads by then; so do they where none comes.
        """
        self._topic, self.refused = topic.encode(), False

    def _forward(self, client: socket.socket, broker: socket.socket) -> None:
        while frame := _frame(client):
            batch = _batch(frame)
            if batch is not None and batch.topic == self._topic and not self.refused:
                self.refused = True
                frame = _next_of(batch, client, broker)
                with self._answering:
                    client.sendall(_refusal(batch))
            broker.sendall(frame)

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while frame := _frame(source):
                with self._answering:  # in one piece: a refusal is no part of another answer
                    sink.sendall(frame)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def _next_of(first: _Batch, client: socket.socket, broker: socket.socket) -> bytes:
    """The next batch for the same partition, if one comes; what is for others goes through."""
    until = time.monotonic() + _ON_ITS_WAY_S
    while select.select([client], [], [], max(until - time.monotonic(), 0))[0]:
        frame = _frame(client)
        batch = _batch(frame)
        if batch and (batch.topic, batch.partition) == (first.topic, first.partition):
            return frame
        broker.sendall(frame)
    return b""


def _frame(source: socket.socket) -> bytes:
    """The next request or answer, its length before it; nothing where the other end has gone."""
    length = source.recv(4, socket.MSG_WAITALL)
    if len(length) < 4:
        return b""
    return length + source.recv(struct.unpack(">i", length)[0], socket.MSG_WAITALL)


def _batch(frame: bytes) -> _Batch | None:
    """What a request writes, None for one that writes nothing."""
    if len(frame) < 14:
        return None
    api, version, correlation, client_id = struct.unpack(">hhih", frame[4:14])
    if api != _PRODUCE:
        return None
    assert version >= 9, f"version {version} of Produce is written another way"
    transactional_id = 14 + client_id + 1
    topics = transactional_id + max(frame[transactional_id], 1) + 2 + 4
    partitions = topics + 1 + frame[topics + 1]
    [partition] = struct.unpack(">i", frame[partitions + 1 : partitions + 5])
    return _Batch(correlation, frame[topics + 2 : partitions], partition)


def _refusal(batch: _Batch) -> bytes:
    """The answer to a Produce request: its only partition is not led here."""
    nowhere = struct.pack(">hqqq", _NOT_LEADER_OR_FOLLOWER, -1, -1, -1)
    partition = struct.pack(">i", batch.partition) + nowhere + b"\1\0\0"
    topic = bytes([2, len(batch.topic) + 1]) + batch.topic + b"\2" + partition + b"\0"
    answer = struct.pack(">ix", batch.correlation) + topic + struct.pack(">ix", 0)
    return struct.pack(">i", len(answer)) + answer
