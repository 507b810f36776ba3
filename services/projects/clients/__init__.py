"""Adapters to the outside: the PDF renderer for orders."""
