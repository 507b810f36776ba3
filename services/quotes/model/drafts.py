"""A draft of a quote: texts as the mentor typed them, valid or not, until the quote is handed in or the window ends."""

from dataclasses import dataclass
from datetime import datetime

DRAFTED = {"proposal": 20_000, "price": 100, "currency": 100, "days": 100, "starts_on": 100, "valid_until": 100}
"""The fields of a draft, and the most characters of each."""


@dataclass(frozen=True)
class Draft:
    """What one mentor has typed for one project; nobody else reads it. ``texts`` has only fields of `DRAFTED`."""

    project_id: str
    account: str
    texts: dict[str, str]
    saved_at: datetime
    version: int = 0
