"""The cases that the marketplace must serve, played over HTTP as web clients would."""
