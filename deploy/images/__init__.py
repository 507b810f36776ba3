"""Builds Relève's images and, for machines without a registry, the base image and those of the engines."""
