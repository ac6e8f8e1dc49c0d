"""Layer 2: the kernel on a real broker, named by the cases that it must stand (K-1 …)."""
