"""Opaque, unguessable ids."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager


def _random() -> str:
    return secrets.token_urlsafe(16)


_source: Callable[[], str] = _random


def new_id() -> str:
    """122 bits or more of randomness as 22 characters that need no escaping in a path."""
    return _source()


@contextmanager
def drawn_from(source: Callable[[], str]) -> Iterator[None]:
    """Within it the ids of this process come from ``source``, for a simulation that is to repeat itself exactly."""
    global _source
    _source, before = source, _source
    try:
        yield
    finally:
        _source = before
