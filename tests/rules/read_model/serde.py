"""The codec of these tests: schemas are parsed once."""

from functools import cache

from schemas.registry import BundledRegistry
from schemas.serde import AvroSerde


@cache
def codec() -> AvroSerde:
    return AvroSerde(BundledRegistry())
