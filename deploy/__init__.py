"""How Relève is brought up: here and elsewhere."""
