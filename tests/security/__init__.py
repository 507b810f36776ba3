"""`make security`: the tables of the threat model, measured on a running system."""
