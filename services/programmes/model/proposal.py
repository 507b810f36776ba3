"""A proposal: the pairs that a solver found for a programme, before anybody but its owner sees them."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.programmes.model.participants import MENTEE, MENTOR, Participant
from services.programmes.model.programme import Programme, Rules

ADDED, REMOVED, KEPT = "added", "removed", "kept"
RELEVANT = (
    "id", "ref", "side", "organisation", "team", "manager_ref", "offers", "wants", "languages", "about", "place",
    "timezone", "availability", "capacity",
)  # fmt: skip
"""What a solver reads of a participant. A change of anything else leaves a proposal as it is."""
RULES = ("cross_company", "same_chain", "same_team", "capacity", "mentee_capacity", "cover")
COVERED = {"mentees": (MENTEE,), "mentors": (MENTOR,), "both": (MENTOR, MENTEE)}

Two = tuple[str, str]
"""A mentor and a mentee, by their participant ids."""


@dataclass(frozen=True)
class Mark:
    """What the owner decided about two people by hand: ``locked`` together, or ``forbidden``."""

    id: str
    programme: str
    mentor: str
    mentee: str
    locked: bool = False
    forbidden: bool = False
    version: int = 0

    @property
    def two(self) -> Two:
        """The two people."""
        return self.mentor, self.mentee


@dataclass(frozen=True)
class Proposed:
    """A proposed pair. ``why`` holds reasons as codes with data; ``second_best`` the mentor who would come next."""

    mentor: str
    mentee: str
    score: float
    why: Sequence[Mapping[str, Any]] = ()
    second_best: Mapping[str, Any] | None = None

    @property
    def two(self) -> Two:
        """The two people."""
        return self.mentor, self.mentee


@dataclass(frozen=True)
class Proposal:
    """The pairs that a request resulted in, who is left (``participant``, with codes for why and what would change
    it), and how the pairs differ from the proposal before. ``inputs`` is the fingerprint of what was solved."""

    id: str
    programme: str
    inputs: str
    made_at: datetime
    pairs: Sequence[Proposed]
    unpaired: Sequence[Mapping[str, Any]] = ()
    changes: Sequence[Mapping[str, str]] = ()

    def is_stale(self, inputs: str, marks: Collection[Mark]) -> bool:
        """Whether people or rules changed since, or a pair locked or forbidden by hand is not respected."""
        return self.inputs != inputs or self.breaks(marks)

    def breaks(self, marks: Collection[Mark]) -> bool:
        """Whether a locked pair is missing or a forbidden one is part of it."""
        twos = {one.two for one in self.pairs}
        return any((mark.locked and mark.two not in twos) or (mark.forbidden and mark.two in twos) for mark in marks)

    def uncovered(self, rules: Rules, participants: Sequence[Participant]) -> list[Participant]:
        """Those whom the programme promises a partner and who have none, in the order given."""
        paired = {one for proposed in self.pairs for one in proposed.two}
        return [one for one in participants if one.side in COVERED[rules.cover] and one.id not in paired]


def fingerprint(programme: Programme, participants: Sequence[Participant]) -> str:
    """A digest of all that a proposal depends on except marks: the rules, and of each person what a solver reads."""
    people = sorted([getattr(one, name) for name in RELEVANT] for one in participants if one.active)
    text = json.dumps([[getattr(programme.rules, name) for name in RULES], people], separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def with_marks(inputs: str, marks: Collection[Mark]) -> str:
    """A digest of a fingerprint and all marks: what a solver is given. The same digest gives the same result."""
    told = sorted([one.mentor, one.mentee, one.locked, one.forbidden] for one in marks if one.locked or one.forbidden)
    return hashlib.sha256(json.dumps([inputs, told], separators=(",", ":")).encode()).hexdigest()


def changes_between(before: Sequence[Proposed], after: Sequence[Proposed]) -> list[dict[str, str]]:
    """How two proposals differ, pair by pair: removed, added, then kept ones."""
    then, now = {one.two for one in before}, {one.two for one in after}
    removed = [(REMOVED, one.two) for one in before if one.two not in now]
    added = [(ADDED, one.two) for one in after if one.two not in then]
    kept = [(KEPT, one.two) for one in after if one.two in then]
    return [{"change": change, "mentor": two[0], "mentee": two[1]} for change, two in removed + added + kept]
