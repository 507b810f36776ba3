"""Objections: the person's data go, and a digest of their address stays, so that they are not enrolled again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

REASONS = ("no-time", "not-interested", "not-informed", "privacy", "other")
UNSAID = "unsaid"
"""What is counted for somebody who gives no reason."""
LEAST = 5
"""Fewest people of a reason for it to be shown."""


@dataclass(frozen=True)
class Objection:
    """Somebody's objection. Their reason is only counted, never stored with it."""

    digest: str
    programme: str
    at: datetime


def shown_reasons(counts: Mapping[str, int], *, closed: bool) -> dict[str, int]:
    """How often each reason was given, for whoever runs the programme.

    Only once it is closed, because two counts before and after somebody's objection would reveal their reason; and
    nothing at all if fewer than `LEAST` people gave one of them, because its count would follow from the total.
    """
    given = {reason: counts[reason] for reason in (*REASONS, UNSAID) if counts.get(reason)}
    return given if closed and all(count >= LEAST for count in given.values()) else {}
