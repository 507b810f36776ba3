"""A labelled corpus of texts that name a client and texts that do not, and what the scan makes of it."""
