"""The log of decisions: what a wave or an operator decided about a round's mentors, with what it was decided on. Pure.

A decision names mentors by account. Of the client it holds what the ranking reads, apart from the texts: no name, no
descriptor and no word of the brief, which is never amended, so that the project's id names its version.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from services.matching.model.considered import (
    BY_OPERATOR,
    LEFT_OUT,
    LESS_INVITED,
    NEWCOMERS,
    WAITS,
    Considered,
    Judged,
)
from services.matching.model.shortlist import Shortlist

WAVE, BY_HAND, LEFT_OUT_BY_HAND = "wave", "invited-by-hand", "left-out-by-hand"
SETTLED: Final[Mapping[str, str]] = {BY_HAND: BY_OPERATOR, LEFT_OUT_BY_HAND: LEFT_OUT}
"""The outcome in later waves of a mentor about whom an operator decided, by the kind of the decision."""
KINDS: Final = (WAVE, BY_HAND, LEFT_OUT_BY_HAND)
BY_CHANCE, BY_SLOTS, BY_REQUEST = "chance", "slots", "operator"
"""Why a wave wanted this number of mentors: to bring the chance of five quotes to an aim, a fixed number for each empty
slot, or what an operator asked for."""
NEXT: Final = 10
"""Entries of the list that the wave did not reach and that the log still shows."""


@dataclass(frozen=True)
class Wanted:
    """How many mentors a wave wanted. ``aim`` is the chance it asked for, and ``reached`` the chance with that number;
    both None where ``by`` is `BY_SLOTS`."""

    number: int
    by: str = BY_SLOTS
    aim: float | None = None
    reached: float | None = None


@dataclass(frozen=True)
class Decision:
    """One decision. ``by`` and ``reason`` are an operator's, empty for a wave; ``rules`` names the version of the
    rules; ``rows`` are the mentors considered, in the order of the list."""

    id: str
    kind: str
    project_id: str
    wave: int
    at: datetime
    inputs: Mapping[str, Any]
    wanted: Mapping[str, Any]
    rows: Sequence[Mapping[str, Any]]
    rules: str
    by: str = ""
    reason: str = ""


def inputs_of(shortlist: Shortlist) -> dict[str, Any]:
    """What of the project the ranking read, apart from its texts, and how many mentors the list holds."""
    brief = shortlist.known_brief
    return {
        "topics": list(brief.topics),
        "languages": list(brief.languages),
        "budget": dict(brief.budget) if brief.budget else None,
        "listed": shortlist.listed,
        "closes_at": shortlist.closes_at,
    }


def decided(
    id: str,
    kind: str,
    shortlist: Shortlist,
    judged: Sequence[Judged],
    rules: str,
    now: datetime,
    *,
    wanted: Wanted,
    by: str = "",
    reason: str = "",
) -> Decision:
    """The decision as the log keeps it. Places of erased mentors are left out."""
    return Decision(
        id=id,
        kind=kind,
        project_id=shortlist.id,
        wave=shortlist.waves,
        at=now,
        inputs=inputs_of(shortlist),
        wanted=vars(wanted),
        rows=[row_of(each) for each in judged if each.one.account],
        rules=rules,
        by=by,
        reason=reason,
    )


def still_waiting(judged: Sequence[Judged], ahead: Sequence[Considered]) -> list[Judged]:
    """Those next on the list whom a wave did not reach, and why it reached others with a lower score before them."""
    reached = [each.one for each in judged if each.invited]

    def why(one: Considered) -> str:
        before = [other for other in reached if other.rank > one.rank]
        if not before:
            return WAITS
        return LESS_INVITED if any(other.newcomer == one.newcomer for other in before) else NEWCOMERS

    return [Judged(one, why(one)) for one in ahead]


def row_of(judged: Judged) -> dict[str, Any]:
    """A mentor's row: who, with which score and parts, for which reasons, in which place, and what was decided."""
    one = judged.one
    return {
        "account": one.account,
        "outcome": judged.outcome,
        "score": one.score,
        "parts": dict(one.parts),
        "reasons": [reason.code for reason in one.why],
        "rank": one.rank,
        "newcomer": one.newcomer,
    }
