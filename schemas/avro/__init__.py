"""Structs to Avro and back: by a compiled codec what is right, by fastavro whatever else there is.

The compiled codec (`_native.c`) goes by a plan made from the schema once. At whatever is amiss it
raises, and fastavro then says what it is (or reads it after all: an array in blocks of told size).
A schema or a type that no plan has room for goes through fastavro alone, and so does everything
where the package was installed without a compiler: `IN_USE` says which it is.
"""

from schemas.avro.codec import IN_USE, StructCodec
from schemas.avro.generic import GenericCodec

__all__ = ["IN_USE", "GenericCodec", "StructCodec"]
