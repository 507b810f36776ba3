"""Commands: each function does one thing in one unit of work and returns the response body."""
