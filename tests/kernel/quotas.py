"""How fast the broker lets a client be: the request AlterClientQuotas, which librdkafka lacks."""

from __future__ import annotations

import socket
import struct

_ALTER_CLIENT_QUOTAS, _VERSION = 49, 0


def limit(server: str, client: str, quota: str, value: float | None) -> None:
    """Sets a quota (`producer_byte_rate`, …) of all clients of this `client.id`, or removes it."""
    entity = struct.pack(">i", 1) + _string("client-id") + _string(client)
    change = _string(quota) + struct.pack(">d?", value or 0.0, value is None)
    body = struct.pack(">i", 1) + entity + struct.pack(">i", 1) + change + struct.pack(">?", False)
    head = struct.pack(">hhi", _ALTER_CLIENT_QUOTAS, _VERSION, 1) + _string("quotas")
    host, port = server.rsplit(":", 1)
    with socket.create_connection((host, int(port)), 30) as broker, broker.makefile("rb") as told:
        broker.sendall(struct.pack(">i", len(head + body)) + head + body)
        (size,) = struct.unpack(">i", told.read(4))
        _, _, entries, error = struct.unpack(">iiih", told.read(size)[:14])
    if (entries, error) != (1, 0):
        raise RuntimeError(f"{quota} of {client} was not set: error {error}")


def _string(text: str) -> bytes:
    return struct.pack(">h", len(text)) + text.encode()
