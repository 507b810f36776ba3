"""What a person asked for: each function is one effect in one unit of work. Passwords are hashed before it opens."""
