"""The rules of programmes: pure, no clock, no I/O."""
