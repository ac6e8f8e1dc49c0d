"""How fast it is, beside its peers and by itself: `sx bench`, `make bench`, docs/performance.md."""
