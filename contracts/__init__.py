"""The contract between the services: the events, their schemas and examples, and the topics that carry them."""
