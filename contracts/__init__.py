"""What the services have agreed on: the events, their schemas and examples, and the topics that carry them."""
