"""The third stage: the Px of a customer, their Sx and their status (PX)."""
