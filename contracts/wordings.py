"""Which words of a client's description mentors read. It needs no list of names, so that every event may use it."""

SHOWN = ("both", "sector", "size", "nothing")
"""What a client may let mentors read of it; the first is usual, the others are more general wordings."""
