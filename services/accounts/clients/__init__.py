"""Adapters of cryptographic libraries: password hashes (argon2id), signed tokens and random secrets."""
