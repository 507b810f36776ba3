"""The slots of a round and the mentors who may take them."""

from dataclasses import dataclass
from datetime import datetime

from chassis.facts import Refusal


@dataclass(frozen=True)
class Slot:
    """One of the five slots: claimed until ``expires_at``, or filled by a quote."""

    account: str
    mentor_id: str
    expires_at: datetime | None = None
    quote_id: str | None = None
    digest: str | None = None
    valid_until: str | None = None
    """The last day, in Europe/Paris, on which the quote may be accepted (``YYYY-MM-DD``)."""


@dataclass(frozen=True)
class Seat:
    """An invited mentor's standing in a round."""

    account: str
    mentor_id: str
    declined: bool = False


def check_willing(seat: Seat) -> None:
    """Raises ``declined`` if the mentor has declined the project."""
    if seat.declined:
        raise Refusal("declined", "You have declined this project; its round is closed to you.")


def live(slots: list[Slot], now: datetime) -> list[Slot]:
    """The taken slots: quotes and unexpired claims."""
    return [slot for slot in slots if slot.expires_at is None or slot.expires_at > now]
