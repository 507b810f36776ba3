"""Opaque, unguessable ids."""

import secrets


def new_id() -> str:
    """122 bits or more of randomness as 22 characters that need no escaping in a path."""
    return secrets.token_urlsafe(16)
