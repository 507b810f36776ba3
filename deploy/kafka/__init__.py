"""Provisioning of Kafka: topics, users and rights."""
