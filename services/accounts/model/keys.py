"""The ring of signing keys. Pure: keys are made by what is handed in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class SigningKey:
    """A private key and the moment from which it signs."""

    id: str
    private_pem: str
    signs_from: datetime


@dataclass
class KeyRing:
    """The two published keys, in the order in which they sign.

    Mostly these are the one that signs and the next, known to everybody long before it is used. For one token's
    life after a change they are the former one, whose tokens still live, and the one that signs. Which key signs
    follows from the time alone, so that all processes agree, and no worker is needed for the change itself.
    """

    keys: list[SigningKey]
    version: int = 0

    def signing(self, now: datetime) -> SigningKey:
        """The key that signs now."""
        return next((key for key in reversed(self.keys) if key.signs_from <= now), self.keys[0])

    def due_at(self, token_life: timedelta) -> datetime:
        """When the last token of the first key has expired."""
        return self.keys[-1].signs_from + token_life

    def rotate(
        self, make: Callable[[datetime], SigningKey], life: timedelta, token_life: timedelta, now: datetime
    ) -> None:
        """Drops the first key and publishes another, which waits its full time even where it comes late."""
        self.keys = [*self.keys[1:], make(now + life - token_life)]


def first_ring(make: Callable[[datetime], SigningKey], life: timedelta, now: datetime) -> KeyRing:
    """A key that signs from now on, and the next."""
    return KeyRing([make(now), make(now + life)])
