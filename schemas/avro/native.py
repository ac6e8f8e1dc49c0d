"""The compiled codec; importing this fails where the package was built without a compiler."""

from collections.abc import Callable
from typing import TypeVar

from schemas.avro._native import Plan
from schemas.avro.code import Schema
from schemas.avro.plan import plan

T = TypeVar("T")


def encoder(schema: Schema, record: type[T]) -> Callable[[T, bytes], bytes]:
    """See `schemas.avro.writing.encoder`."""
    return Plan(plan(schema, record)).encode


def decoder(schema: Schema, record: type[T]) -> Callable[[bytes, int], T]:
    """See `schemas.avro.reading.decoder`."""
    return Plan(plan(schema, record)).decode
