"""Agendas of a pair's first six meetings, in French and English (`agendas.json`), in the order that a mentee needs.

Each language has the same structure. The check-in of the first meeting and the end of the last one differ from the
others; they are texts of their own, because any topic may come first or last.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from contracts.vocabulary import exists, related, suggest

MINUTES = 60
LANGUAGES = ("fr", "en")


@dataclass(frozen=True)
class Step:
    """One item of a meeting's agenda; ``starts_at`` is in minutes from the meeting's start."""

    starts_at: int
    minutes: int
    what: str


@dataclass(frozen=True)
class Meeting:
    """One meeting. ``questions_of_mentor`` are asked by the mentor, ``questions_of_mentee`` by the mentee."""

    number: int
    id: str
    title: str
    aim: str
    before_mentor: str
    before_mentee: str
    steps: tuple[Step, ...]
    questions_of_mentor: tuple[str, ...]
    questions_of_mentee: tuple[str, ...]
    exercise: str
    exercise_steps: tuple[str, ...]
    attempt: str
    mentor_note: str


@cache
def catalogue() -> dict[str, Any]:
    """The texts: ``meetings`` in their usual order, and the ``first`` and ``last`` step of a whole series."""
    found: dict[str, Any] = json.loads(Path(__file__).with_name("agendas.json").read_text(encoding="utf-8"))
    return found


def meeting_ids() -> list[str]:
    """The ids of the meetings, in their usual order."""
    return [row["id"] for row in catalogue()["meetings"]]


def title_of(meeting: str | None, language: str) -> str:
    """The title of the meeting with this id; empty if there is none."""
    return next((row[language]["title"] for row in catalogue()["meetings"] if row["id"] == meeting), "")


def meetings_for(wants: Sequence[str], language: str) -> tuple[Meeting, ...]:
    """The six meetings in ``language``, numbered from 1, the topics among ``wants`` first.

    ``wants`` are ids of the vocabulary or free words, most wanted first.
    """
    ordered = _order(wants)
    return tuple(_meeting(number, row, language, len(ordered)) for number, row in enumerate(ordered, start=1))


def _order(wants: Sequence[str]) -> list[dict[str, Any]]:
    """The meetings that the wants ask for, in the order of the wants, then the others in their usual order."""
    rows = catalogue()["meetings"]
    wanted = [row for want in wants if (row := _best(want, rows))]
    return list({row["id"]: row for row in [*wanted, *rows]}.values())


def _best(want: str, rows: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """The meeting whose topics are most closely related to this want; None if no meeting's are."""
    skill = want if exists(want) else next(iter(suggest(want, 1)), "")
    scores = [max(related(skill, topic) for topic in row["topics"]) for row in rows]
    return rows[scores.index(max(scores))] if max(scores) > 0 else None


def _meeting(number: int, row: dict[str, Any], language: str, last: int) -> Meeting:
    text = row[language]
    return Meeting(
        number=number,
        id=row["id"],
        title=text["title"],
        aim=text["aim"],
        before_mentor=text["before"]["mentor"],
        before_mentee=text["before"]["mentee"],
        steps=_steps(text["steps"], number, language, last),
        questions_of_mentor=tuple(text["questions"]["mentor"]),
        questions_of_mentee=tuple(text["questions"]["mentee"]),
        exercise=text["exercise"]["title"],
        exercise_steps=tuple(text["exercise"]["steps"]),
        attempt=text["attempt"],
        mentor_note=text["mentor_note"],
    )


def _steps(rows: Sequence[dict[str, Any]], number: int, language: str, last: int) -> tuple[Step, ...]:
    texts = [row["what"] for row in rows]
    if number == 1:
        texts[0] = catalogue()["first"][language]
    if number == last:
        texts[-1] = catalogue()["last"][language]
    starts = [sum(row["minutes"] for row in rows[:place]) for place in range(len(rows))]
    return tuple(Step(start, row["minutes"], text) for start, row, text in zip(starts, rows, texts, strict=True))
