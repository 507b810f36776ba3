"""Opaque, unguessable ids."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager


def _random() -> str:
    return secrets.token_urlsafe(16)


_source: Callable[[], str] = _random


def new_id() -> str:
    """A new id: at least 122 random bits as 22 characters that need no escaping in a path."""
    return _source()


@contextmanager
def drawn_from(source: Callable[[], str]) -> Iterator[None]:
    """Takes this process's ids from ``source`` inside the block, so that a simulation is reproducible."""
    global _source
    _source, before = source, _source
    try:
        yield
    finally:
        _source = before
