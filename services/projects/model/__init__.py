"""The rules. Pure: time is an argument, no I/O."""
