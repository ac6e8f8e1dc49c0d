"""All metrics of the read model: names, units and labels in this one place."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge


class Metrics:
    """The metrics of one consumer, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.records = Counter(
            "sx_read_model_records", "Records written", ["topic"], registry=registry
        )
        self.skipped = Counter(
            "sx_read_model_skipped", "Records that cannot be read", ["topic"], registry=registry
        )
        self.store_away = Gauge(
            "sx_read_model_store_away", "1 while Valkey does not answer", registry=registry
        )
        self.lag = Gauge("sx_lag_messages", "Records not yet written", ["topic"], registry=registry)
