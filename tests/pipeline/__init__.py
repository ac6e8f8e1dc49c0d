"""Layer 4: all of it on the real stack, the scenarios included."""
