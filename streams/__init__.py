"""The kernel: everything that knows Kafka and nothing that knows service execution."""
