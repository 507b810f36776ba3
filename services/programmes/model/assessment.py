"""The self-assessment: the same eight statements at the start and at the end, for each side (`assessment.json`).

A person reads their own answers, before and after. Nobody else reads one person's answers.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from chassis.facts import Refusal, wrong
from services.programmes.model.participants import Participant
from services.programmes.model.programme import CLOSED, UNDER_WAY, Programme

START, END = "start", "end"
MOMENTS = (START, END)
LOWEST, HIGHEST = 1, 5
SCALE = {
    "fr": ("Pas du tout", "Plutôt non", "Entre les deux", "Plutôt oui", "Tout à fait"),
    "en": ("Not at all", "Rather not", "In between", "Rather yes", "Entirely"),
}
"""What 1 to 5 mean."""
OPEN_AFTER = timedelta(days=30)
"""How long after its programme, or their last pair, has ended a person may still answer."""


@dataclass(frozen=True)
class Statement:
    """One statement, to be answered from 1 (not at all) to 5 (entirely)."""

    id: str
    text: str


@dataclass(frozen=True)
class Comparison:
    """A statement with a person's own answers; ``change`` is None unless both are given."""

    id: str
    text: str
    before: int | None
    after: int | None

    @property
    def change(self) -> int | None:
        """The answer at the end minus the one at the start."""
        return None if self.before is None or self.after is None else self.after - self.before


@cache
def catalogue() -> dict[str, list[dict[str, str]]]:
    """Side → statements, each with its id and a text in each language."""
    found: dict[str, list[dict[str, str]]] = json.loads(
        Path(__file__).with_name("assessment.json").read_text(encoding="utf-8")
    )
    return found


def statements(side: str, language: str) -> list[Statement]:
    """The statements of a side, in their order."""
    return [Statement(row["id"], row[language]) for row in catalogue()[side]]


def open_moments(
    programme: Programme, participant: Participant, pair_over_at: datetime | None, now: datetime
) -> list[str]:
    """The moments at which the person may answer now.

    The start is open from the publication until they answer at the end or the programme closes. The end opens when the
    programme closes, or when their last pair is over (``pair_over_at``), and stays open for 30 days.
    """
    opened = []
    if participant.active and programme.state in UNDER_WAY and END not in participant.assessments:
        opened.append(START)
    over_at = programme.closed_at if programme.state == CLOSED else pair_over_at
    if participant.active and over_at is not None and now < over_at + OPEN_AFTER:
        opened.append(END)
    return opened


def answer(participant: Participant, moment: str, answers: Mapping[str, Any], opened: list[str]) -> None:
    """Stores the person's answers at this moment.

    Raises ``assessment-closed`` if the moment is not open, ``invalid`` unless each statement of their side has an
    answer from 1 to 5.
    """
    if moment not in opened:
        raise Refusal("assessment-closed", "This self-assessment is not open for you at the moment.")
    ids = [row["id"] for row in catalogue()[participant.side]]
    scale = f"Give a whole number from {LOWEST} to {HIGHEST}."
    errors = [
        wrong(f"answers.{name}", "unknown-statement", "This is no statement of yours.")
        for name in answers
        if name not in ids
    ]
    errors += [
        wrong(f"answers.{id}", "out-of-range", scale, min=LOWEST, max=HIGHEST)
        for id in ids
        if not _valid(answers.get(id))
    ]
    if errors:
        raise Refusal("invalid", errors=errors)
    participant.assessments = {**participant.assessments, moment: {id: answers[id] for id in ids}}


def compare(participant: Participant, language: str) -> list[Comparison]:
    """The person's own answers before and after, for themselves alone."""
    before, after = (participant.assessments.get(moment, {}) for moment in MOMENTS)
    return [
        Comparison(one.id, one.text, before.get(one.id), after.get(one.id))
        for one in statements(participant.side, language)
    ]


def _valid(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and LOWEST <= value <= HIGHEST
