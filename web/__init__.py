"""The web client: pages rendered from the public API. It has no data of its own."""
