"""Layer 3: services in memory, by the simulation."""
