"""A participant: a person enrolled in one programme. Their data stay in this service."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

MENTOR, MENTEE = "mentor", "mentee"
SIDES = (MENTOR, MENTEE)
ENROLLED, AGREED, OBJECTED, LEFT = "enrolled", "agreed", "objected", "left"
STATES = (ENROLLED, AGREED, OBJECTED, LEFT)
ACTIVE = (ENROLLED, AGREED)
VIAS = ("file", "link", "account")
PAIRED_BY = (
    "id", "ref", "side", "organisation", "team", "manager_ref", "offers", "wants", "languages", "about", "place",
    "timezone", "availability", "capacity",
)  # fmt: skip
"""What a solver reads of a participant: a change of one of these makes a proposal outdated."""


@dataclass
class Participant:
    """A person in a programme. ``ref`` is how the owner's list names them; the id is opaque and may stand in events.

    ``offers`` and ``wants`` are ids of the vocabulary or words of their own. ``manager_ref`` is the ref of their
    manager, who need not take part. ``capacity`` overrides the programme's. ``confirmed`` is False until somebody who
    joined by a link has proven their address. ``assessments`` maps a moment to their own answers. ``email_digest``
    keeps anybody from being enrolled twice; ``link`` is the invitation link by which they joined.
    """

    id: str
    programme: str
    ref: str
    name: str
    email: str
    side: str
    created_at: datetime
    organisation: str = ""
    team: str = ""
    manager_ref: str = ""
    offers: list[str] = field(default_factory=list)
    wants: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    about: str = ""
    place: str = ""
    timezone: str = ""
    availability: list[str] = field(default_factory=list)
    capacity: int | None = None
    locale: str = "fr"
    state: str = ENROLLED
    via: str = "file"
    account: str | None = None
    enrolled_by: str = ""
    confirmed: bool = True
    agreed_at: datetime | None = None
    assessments: Mapping[str, Any] = field(default_factory=dict)
    challenge: str | None = None
    wished_challenge: str | None = None
    team_id: str | None = None
    email_digest: str = ""
    link: str | None = None
    version: int = 0

    @property
    def takes_part(self) -> bool:
        """Whether the person has neither objected nor left."""
        return self.state in ACTIVE

    @property
    def active(self) -> bool:
        """Whether the person takes part: neither objected nor left, and a confirmed address."""
        return self.takes_part and self.confirmed
