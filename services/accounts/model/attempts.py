"""The throttling of password guesses. Pure."""

FREE_ATTEMPTS = 10
WAITS_S = (0,) * FREE_ATTEMPTS + (5, 10, 20, 40, 80, 160, 320, 640, 900)
"""Seconds to wait after the n-th failed attempt to sign in with one e-mail from one network: none before the tenth, at
most 900. Other networks are not concerned, so that nobody can keep the owner out.
"""
FREE_GUESSES = 100
GUESS_WAITS_S = (0,) * FREE_GUESSES + (1, 2, 4, 8, 15, 30)
"""The same for one e-mail from all networks together that its owner never signed in from: slow, but never locked."""
