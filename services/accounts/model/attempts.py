"""The throttling of password guesses. Pure."""

FREE_ATTEMPTS = 10
WAITS_S = (0,) * FREE_ATTEMPTS + (5, 10, 20, 40, 80, 160, 320, 640, 900)
"""Seconds to wait after the n-th failed attempt to sign in: none before the tenth, at most 900."""
