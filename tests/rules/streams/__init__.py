"""The kernel's core without a broker: rows, turns, entities."""
