"""The ring of signing keys. Pure: a function that creates keys is passed in."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True)
class SigningKey:
    """A private key and the time from which it signs."""

    id: str
    private_pem: str = field(repr=False)
    signs_from: datetime


@dataclass
class KeyRing:
    """The two published keys, in the order in which they sign.

    Usually these are the key that signs and the next one, which verifiers know long before it is used. For one token's
    lifetime after a change they are the previous key, whose tokens are still valid, and the one that signs. Which key
    signs depends on the time only, so that all processes agree and the change needs no worker.
    """

    keys: list[SigningKey]
    version: int = 0

    def signing(self, now: datetime) -> SigningKey:
        """The key that signs now."""
        return next((key for key in reversed(self.keys) if key.signs_from <= now), self.keys[0])

    def due_at(self, token_life: timedelta) -> datetime:
        """When the last token signed with the first key expires."""
        return self.keys[-1].signs_from + token_life

    def rotate(
        self, make: Callable[[datetime], SigningKey], life: timedelta, token_life: timedelta, now: datetime
    ) -> None:
        """Drops the first key and publishes a new one, which is known for its full time before it signs, even if the
        rotation is late."""
        self.keys = [*self.keys[1:], make(now + life - token_life)]


def first_ring(make: Callable[[datetime], SigningKey], life: timedelta, now: datetime) -> KeyRing:
    """Creates a ring of a key that signs from ``now``, and the next."""
    return KeyRing([make(now), make(now + life)])
