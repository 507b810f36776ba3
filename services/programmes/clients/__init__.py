"""Adapters to everything but the database."""
