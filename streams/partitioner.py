"""Which partition a key lies in: murmur2, as every Java client does it (KIP-480 keeps it)."""

from __future__ import annotations

from functools import lru_cache


def murmur2(data: bytes) -> int:
    """Kafka's murmur2 of `data`, as an unsigned 32-bit number."""
    length = len(data)
    mask, m = 0xFFFFFFFF, 0x5BD1E995
    h = (0x9747B28C ^ length) & mask
    full = length & ~3
    for at in range(0, full, 4):
        k = int.from_bytes(data[at : at + 4], "little")
        k = (k * m) & mask
        k ^= k >> 24
        k = (k * m) & mask
        h = ((h * m) & mask) ^ k
    tail = data[full:]
    if tail:
        h ^= int.from_bytes(tail, "little")
        h = (h * m) & mask
    h ^= h >> 13
    h = (h * m) & mask
    return h ^ (h >> 15)


@lru_cache(16_384)
def partition_of(key: str | bytes, partitions: int) -> int:
    """The partition of `key` among `partitions`."""
    data = key.encode() if isinstance(key, str) else key
    return (murmur2(data) & 0x7FFFFFFF) % partitions
