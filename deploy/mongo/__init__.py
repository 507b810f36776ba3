"""MongoDB as operations see it: its replica set, its users."""
