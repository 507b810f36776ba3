"""HTTP in: one application factory with the same errors, identity, limits, health and metrics for every service."""
