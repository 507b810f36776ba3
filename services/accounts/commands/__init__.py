"""Commands of people: each function has one effect in one unit of work. Passwords are hashed before it begins."""
