"""Tokens that were verified lately, so that a signature is checked once and not at each request."""

import hashlib
import threading
import time
from dataclasses import dataclass
from typing import Any, Protocol

MOST = 10_000
"""Tokens that a process remembers, about 1 kB each. Beyond it the oldest is forgotten and verified again."""


class Keys(Protocol):
    """Finds keys by their ids (`chassis.http.auth.KeySource`)."""

    def get(self, key_id: str) -> object:
        """The key with this id. Refuses ``unauthenticated`` if there is none."""


@dataclass(frozen=True)
class Verified:
    """What a token said: its ``actor`` (`chassis.http.auth.Actor`), the key that verified it and its id, and when it
    ends, with the tolerated difference of clocks (Unix time)."""

    actor: Any
    key_id: str
    key: object
    ends: float


class Remembered:
    """Verified tokens by their digest, so that no token stays in memory. Any thread may call it."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._known: dict[bytes, Verified] = {}
        self._lock = threading.Lock()

    def find(self, token: str, keys: Keys) -> Verified | None:
        """What this token said, unless it has ended, or the key of that id is not the same object any more.

        Keys that were read again thus verify each of their tokens anew. Raises what ``keys`` raises for a key that was
        withdrawn.
        """
        known = self._known.get(_digest(token))
        if known is None or known.ends <= time.time() or keys.get(known.key_id) is not known.key:
            return None
        return known

    def keep(self, token: str, verified: Verified) -> None:
        """Remembers a token that was just verified."""
        with self._lock:
            self._known.pop(_digest(token), None)
            while len(self._known) >= self._most:
                del self._known[next(iter(self._known))]
            self._known[_digest(token)] = verified


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
