"""Sx with their history, and Px, in Valkey, for those who look: never the only home of a fact."""
