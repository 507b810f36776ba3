"""Response bodies: which fields of an aggregate each reader sees."""
