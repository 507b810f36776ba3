"""Stories that are played against containers, by `make rehearse`."""
