"""The whole system on another date: a preload that shifts the real-time clock, and a run of the tests under it."""
