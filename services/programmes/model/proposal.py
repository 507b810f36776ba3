"""A proposal: the pairs that a solver found for a programme, before anybody but its owner sees them."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.programmes.model.pairing.problem import Couple
from services.programmes.model.pairing.proposal import Conflict, Paired, Unpaired
from services.programmes.model.participants import MENTEE, MENTOR, PAIRED_BY, Participant
from services.programmes.model.programme import CHALLENGE, Programme, Rules

ADDED, REMOVED, KEPT = "added", "removed", "kept"
RULES = ("cross_company", "same_chain", "same_team", "capacity", "mentee_capacity", "cover")
COVERED = {"mentees": (MENTEE,), "mentors": (MENTOR,), "both": (MENTOR, MENTEE)}


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
    def couple(self) -> Couple:
        """The two people, by id."""
        return self.mentor, self.mentee


@dataclass(frozen=True)
class Proposal:
    """The pairs that a request resulted in, who is left, and how the pairs differ from the proposal before.

    ``inputs`` is the fingerprint of the people and rules that were solved. ``shortages`` are the smallest sets of rules
    because of which somebody whom the programme promises a partner has none.
    """

    id: str
    programme: str
    inputs: str
    made_at: datetime
    pairs: Sequence[Paired]
    unpaired: Sequence[Unpaired] = ()
    changes: Sequence[Mapping[str, str]] = ()
    shortages: Sequence[Conflict] = ()

    def is_stale(self, inputs: str, marks: Collection[Mark]) -> bool:
        """Whether people or rules changed since, or a pair locked or forbidden by hand is not respected."""
        return self.inputs != inputs or self.breaks(marks)

    @property
    def couples(self) -> list[Couple]:
        """The pairs, by ids."""
        return [(one.mentor, one.mentee) for one in self.pairs]

    def breaks(self, marks: Collection[Mark]) -> bool:
        """Whether a locked pair is missing or a forbidden one is part of it."""
        couples = set(self.couples)
        return any(mark.couple not in couples if mark.locked else mark.couple in couples
                   for mark in marks if mark.locked or mark.forbidden)  # fmt: skip

    def uncovered(self, rules: Rules, participants: Sequence[Participant]) -> list[Participant]:
        """Those whom the programme promises a partner and who have none, in the order given."""
        paired = {one for couple in self.couples for one in couple}
        return [one for one in participants if one.side in COVERED[rules.cover] and one.id not in paired]


def fingerprint(programme: Programme, participants: Sequence[Participant], challenges: Sequence[object] = ()) -> str:
    """A digest of all that a proposal depends on except marks: the rules, and of each person what a solver reads.

    ``challenges`` are what a solver reads of a programme's challenges.
    """
    names = (*PAIRED_BY, "wished_challenge") if programme.kind == CHALLENGE else PAIRED_BY
    people = sorted([getattr(one, name) for name in names] for one in participants if one.active)
    rules = [getattr(programme.rules, name) for name in RULES]
    text = json.dumps([rules, people, list(challenges)], separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def with_marks(inputs: str, marks: Collection[Mark]) -> str:
    """A digest of a fingerprint and all marks: what a solver is given. The same digest gives the same result."""
    told = sorted([one.mentor, one.mentee, one.locked, one.forbidden] for one in marks if one.locked or one.forbidden)
    return hashlib.sha256(json.dumps([inputs, told], separators=(",", ":")).encode()).hexdigest()


def changes_between(before: Sequence[Couple], after: Sequence[Couple]) -> list[dict[str, str]]:
    """How two proposals differ, pair by pair: removed, added, then kept ones."""
    then, now = set(before), set(after)
    removed = [(REMOVED, couple) for couple in before if couple not in now]
    added = [(ADDED, couple) for couple in after if couple not in then]
    kept = [(KEPT, couple) for couple in after if couple in then]
    return [{"change": how, "mentor": mentor, "mentee": mentee} for how, (mentor, mentee) in removed + added + kept]
