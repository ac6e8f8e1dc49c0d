"""The schemas, the types made from them, the catalogue of topics and the forms events travel in."""
