"""Manifests for Kubernetes, derived from the registry of parts."""
