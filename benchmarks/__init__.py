"""What Relève costs and how fast it is, measured on the real engines of this machine."""
