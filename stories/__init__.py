"""Stories: the use cases of the marketplace, played over HTTP as web clients would."""
