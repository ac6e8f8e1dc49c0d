"""The types of everything that travels, one module per namespace; generated."""
