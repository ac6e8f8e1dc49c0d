"""Quotas of a client, which a broker enforces by keeping it waiting; the AdminClient sets none.

Kafka's protocol by hand: AlterClientQuotas, version 0 (KIP-546), one request to a connection.
"""

from __future__ import annotations

import socket
import struct

_ALTER_CLIENT_QUOTAS, _VERSION, _WITHIN_S = 49, 0, 30.0


def set_quota(servers: str, client_id: str, quota: str, value: float | None) -> None:
    """Sets a quota (`producer_byte_rate`, say: bytes a second) of a client id; None removes it."""
    entity = _array(_string("client-id") + _string(client_id))
    change = _array(_string(quota) + struct.pack(">d?", value or 0.0, value is None))
    body = _array(entity + change) + struct.pack(">?", False)
    header = struct.pack(">hhi", _ALTER_CLIENT_QUOTAS, _VERSION, 1) + _string("tests")
    host, _, port = servers.partition(":")
    with socket.create_connection((host, int(port)), _WITHIN_S) as connection:
        connection.sendall(struct.pack(">i", len(header + body)) + header + body)
        answer = connection.makefile("rb")
        length = struct.unpack(">i", answer.read(4))[0]
        # Its number, how long we are kept waiting, how many entities, and the error of the first.
        *_, error = struct.unpack(">iiih", answer.read(length)[:14])
    assert error == 0, f"the broker sets no quota: error {error}"


def _array(*items: bytes) -> bytes:
    return struct.pack(">i", len(items)) + b"".join(items)


def _string(text: str) -> bytes:
    return struct.pack(">h", len(text)) + text.encode()
