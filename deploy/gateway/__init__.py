"""Envoy as the gateway: configuration only."""
