"""Every route called by every kind of caller: the callers, their world, forged tokens and what is expected."""
