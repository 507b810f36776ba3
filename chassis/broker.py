"""What every client of the broker has in common."""

RECONNECT_MS = 1_000
"""The longest pause between two attempts at a broker that is away. The library's 30 s would outlast the outage."""
