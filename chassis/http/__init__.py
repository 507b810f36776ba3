"""Inbound HTTP: one application factory gives every service the same errors, identity, limits, health and metrics."""
