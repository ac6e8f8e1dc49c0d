"""Avro's bytes for what is no record: what the functions made from schemas refer to.

Whatever is amiss raises; what, does not matter: see `schemas.avro`.
"""

from decimal import Context, Decimal, Inexact
from functools import lru_cache
from struct import Struct

_CHUNK = 14
_MASK = (1 << _CHUNK) - 1


def _tail(number: int) -> bytes:
    return bytes((number,)) if number < 128 else bytes((number & 127 | 128, number >> 7))


_TAILS = tuple(map(_tail, range(_MASK + 1)))
_HEADS = tuple(bytes((number & 127 | 128, number >> 7 | 128)) for number in range(_MASK + 1))

LENGTH = _TAILS[::2]
"""The bytes of each number from 0 up to `SMALL`."""

SMALL = len(LENGTH)
ARRAYS = (tuple, list)
BOOLEAN = {False: b"\0", True: b"\1"}
BOOLEANS = (False, True)
_EXACT = Context(prec=60, traps=[Inexact])
_QUANTA = tuple(Decimal(1).scaleb(-scale) for scale in range(20))
DOUBLE = Struct("<d")
JOIN = b"".join


def varint(number: int, limit: int) -> bytes:
    """The bytes of a number from `-limit` up to `limit`."""
    if not -limit <= number < limit:
        raise OverflowError
    rest = number << 1 if number >= 0 else ~(number << 1)
    heads = b""
    while rest > _MASK:
        heads += _HEADS[rest & _MASK]
        rest >>= _CHUNK
    return heads + _TAILS[rest]


def long(data: bytes, p: int) -> tuple[int, int]:
    """The number at `p`, and where it ends."""
    shift, rest = 7, data[p]
    if rest > 127:
        rest &= 127
        while True:
            p += 1
            byte = data[p]
            if byte < 128:
                break
            rest |= (byte & 127) << shift
            shift += 7
        rest |= byte << shift
        if rest >> 64:
            raise OverflowError
    return (rest >> 1) ^ -(rest & 1), p + 1


def span(data: bytes, p: int) -> tuple[int, int]:
    """Where what has its length at `p` begins and ends."""
    length, p = long(data, p)
    if length < 0:
        raise ValueError
    return p, p + length


def decimal(value: Decimal, precision: int, scale: int) -> bytes:
    """The bytes of an amount, with their length."""
    if not value.same_quantum(_QUANTA[scale]):
        _, digits, exponent = value.as_tuple()
        if not isinstance(exponent, int) or exponent < -scale or len(digits) > precision:
            raise ValueError
    number = int(value.scaleb(scale, _EXACT))
    if abs(number) >= 10**precision:
        raise ValueError
    size = (number.bit_length() + 8) >> 3
    return LENGTH[size] + number.to_bytes(size, "big", signed=True)


@lru_cache(4096)
def exact_decimal(data: bytes, precision: int, scale: int) -> Decimal:
    """The amount in its bytes; more digits than it may have are an error, never rounded."""
    unscaled = int.from_bytes(data, "big", signed=True)
    if abs(unscaled) >= 10**precision:
        raise ValueError(f"{unscaled} has more than {precision} digits")
    return Decimal(unscaled).scaleb(-scale)
