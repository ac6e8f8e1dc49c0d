"""A proxy that refuses the first batch of a topic, as a broker that has yet to hear that it leads.

Kafka's protocol by hand: Produce, from version 9 on (KIP-482); librdkafka sends one batch in each.
"""

from __future__ import annotations

import select
import socket
import struct

from tests.kernel.own_broker import Proxy

_PRODUCE, _NOT_LEADER_OR_FOLLOWER = 0, 6
_ON_ITS_WAY_S = 0.5
"""A client that sends more before it is answered has done so by then."""


class NotYetLeader(Proxy):
    """Answers the first batch of `topic` itself, once the next is on its way if one comes.

    That and all others go through: by then the broker leads.
    """

    topic = b""
    refused = False

    def _forward(self, client: socket.socket, broker: socket.socket) -> None:
        while frame := _frame(client):
            if not self.refused and self._is_first(frame):
                self.refused = True
                select.select([client], [], [], _ON_ITS_WAY_S)
                client.sendall(_refusal(frame))
            else:
                broker.sendall(frame)

    def _is_first(self, frame: bytes) -> bool:
        [api] = struct.unpack(">h", frame[4:6])
        return bool(self.topic) and api == _PRODUCE and self.topic in frame


def _frame(client: socket.socket) -> bytes:
    """The next request with its length before it, nothing where the client has gone."""
    length = client.recv(4, socket.MSG_WAITALL)
    if len(length) < 4:
        return b""
    return length + client.recv(struct.unpack(">i", length)[0], socket.MSG_WAITALL)


def _refusal(frame: bytes) -> bytes:
    """The answer to a Produce request: its only partition is not led here."""
    version, correlation, client_id = struct.unpack(">hih", frame[6:14])
    assert version >= 9, f"version {version} of Produce is written another way"
    transactional_id = 14 + client_id + 1
    topics = transactional_id + max(frame[transactional_id], 1) + 2 + 4
    name = frame[topics + 1 : topics + 1 + frame[topics + 1]]
    partition = topics + 1 + len(name) + 1
    answer = (
        struct.pack(">ixB", correlation, 2)
        + name
        + b"\2"
        + frame[partition : partition + 4]
        + struct.pack(">hqqqBBBB", _NOT_LEADER_OR_FOLLOWER, -1, -1, -1, 1, 0, 0, 0)
        + struct.pack(">ix", 0)
    )
    return struct.pack(">i", len(answer)) + answer
