"""The tests, by layer: rules, kernel, services, pipeline, chaos, docs."""
