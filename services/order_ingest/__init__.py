"""Orders as they come in, and the project (Px) that gathers the services (Sx) of a customer."""
