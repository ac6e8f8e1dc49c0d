"""The topics that lifecycle writes (docs/topology.md)."""

HISTORY = "sx.events"
PAYMENTS = "payments"
PX = "lifecycle.px"
MATCHING = "lifecycle.matching"
ORDERS = "lifecycle.orders"
