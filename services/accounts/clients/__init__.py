"""What others compute: password hashes (argon2id), signed tokens and fresh secrets."""
