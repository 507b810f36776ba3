"""Clients of other systems: the SMTP server, and the internal routes of accounts."""
