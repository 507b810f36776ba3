"""Deployment of Relève, locally and in containers."""
