"""Provisioning of MongoDB: replica set and users."""
