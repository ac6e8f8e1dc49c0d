"""What a business unit decides for itself: one YAML file each, and the typed model of it."""
