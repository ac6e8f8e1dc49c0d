"""Structs to Avro and back, by code made from the schema once; fastavro has the last word.

The made functions take what is right. At whatever is amiss they raise, and fastavro then says what
it is (or reads it after all: an array in blocks of told size). A schema or a type for which no code
can be made goes through fastavro alone.
"""

from schemas.avro.codec import StructCodec
from schemas.avro.generic import GenericCodec

__all__ = ["GenericCodec", "StructCodec"]
