"""A pair: one mentor and one mentee of a programme, by their participant ids."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

PROPOSED, ACTIVE, COMPLETED, ENDED_EARLY = "proposed", "active", "completed", "ended_early"
STATES = (PROPOSED, ACTIVE, COMPLETED, ENDED_EARLY)
LIVE = (PROPOSED, ACTIVE)
ACCEPTED, DECLINED = "accepted", "declined"


def pair_id(programme: str, mentor: str, mentee: str) -> str:
    """The id of a pair, from its programme and participants: the same two people are never two pairs."""
    return f"{programme}:{mentor}:{mentee}"


@dataclass
class Pair:
    """A pair. ``answers`` maps each side to `ACCEPTED`, `DECLINED` or None; ``answer_by`` is when that must be known.

    ``why`` holds reasons as codes with data. ``due_at`` is its next deadline, and ``reminded_at``, ``nudged_at`` say
    which reminders were sent. ``ended`` says when and how it ended, without blame; ``waiting`` holds those of the two
    who want another partner, and ``unsettled`` is True until they have been looked for (`model.rematching`).
    """

    id: str
    programme: str
    mentor: str
    mentee: str
    created_at: datetime
    proposal: str = ""
    state: str = PROPOSED
    published: bool = False
    locked: bool = False
    score: float = 0.0
    why: Sequence[Mapping[str, Any]] = ()
    second_best: Mapping[str, Any] | None = None
    answers: dict[str, str | None] = field(default_factory=lambda: {"mentor": None, "mentee": None})
    answer_by: datetime | None = None
    reminded_at: datetime | None = None
    active_at: datetime | None = None
    last_session_at: datetime | None = None
    cancelled_in_a_row: int = 0
    nudged_at: datetime | None = None
    nudges: int = 0
    ended: Mapping[str, Any] | None = None
    waiting: Sequence[str] = ()
    unsettled: bool = False
    due_at: datetime | None = None
    version: int = 0

    @property
    def live(self) -> bool:
        """Whether the two are, or may still become, a pair."""
        return self.state in LIVE

    def side_of(self, participant: str) -> str | None:
        """``mentor`` or ``mentee``, or None for somebody else."""
        return {self.mentor: "mentor", self.mentee: "mentee"}.get(participant)
