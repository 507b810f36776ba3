"""Background work of the worker, besides events and deadlines: solving."""
