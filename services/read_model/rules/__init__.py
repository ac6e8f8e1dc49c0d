"""Which event writes what into the read model, pure: no Kafka, no Valkey (SX-17)."""
