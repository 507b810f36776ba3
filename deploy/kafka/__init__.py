"""Kafka as operations see it: its topics."""
