"""The command `sx`."""
