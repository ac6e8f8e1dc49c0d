"""Kafka, Valkey and the stand-ins of the vendors, real or faithful, on one machine."""
