"""What a person asked for: each function is one effect in one unit of work, and gives the answer."""
