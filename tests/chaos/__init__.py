"""Faults injected under load, and the proof that nothing was lost and nothing done twice."""
