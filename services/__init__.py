"""The services, one deployable each. They share nothing but topics; none imports another."""
