"""Layer 1: the rules, pure and fast; no broker, no clock."""
