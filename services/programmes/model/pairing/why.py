"""Why two people are a pair, and who would be the mentee's second best. Texts are made of the codes by `words`.

The codes of reasons are ``skills`` and ``near-skills`` (what the mentor offers of what the mentee wants), ``return``
(what the mentee can give back), ``text`` (words of the mentor), ``languages``, ``place`` and ``availability``; and,
said openly, ``no-skill``, ``no-availability`` and ``far`` (hours between the time zones).
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from contracts.fit import places, skills, texts
from contracts.fit.reasons import Reason
from contracts.fit.words import tokens
from services.programmes.model.pairing.board import Board, Cell
from services.programmes.model.pairing.fitting import SCALE, offered, portraits_of, wanted
from services.programmes.model.pairing.portraits import claims, disclaimed, wishes
from services.programmes.model.pairing.problem import Person
from services.programmes.model.pairing.proposal import Paired, SecondBest

SHOWN: Final = 5
FAR_HOURS: Final = 3
"""From this many hours between two time zones on, a reason says so."""


def paired(board: Board, cells: Sequence[Cell]) -> tuple[Paired, ...]:
    """The pairs with their reasons and second bests, sorted by the refs of mentor and mentee."""
    locked = set(board.cells(board.problem.locked))
    profiles = [tokens(claims(one)) for one in board.mentors]
    portraits = portraits_of(board.mentors, board.problem.seen)
    unclaimed = [disclaimed(*one) for one in zip(board.mentors, portraits, strict=True)]
    frequency = Counter(token for words in profiles for token in {token for token, _ in words})
    second = _second_bests(board, cells)
    found = []
    for row, column in cells:
        mentor, mentee = board.mentors[row], board.mentees[column]
        words = _words(mentee, profiles[row], frequency)
        can = [skill for skill in offered(mentor) if skill not in unclaimed[row]]
        why = tuple(_reasons(mentor, mentee, can, words))
        score = int(board.fits[row, column]) / SCALE
        pair = Paired(mentor.id, mentee.id, score, why, second[column], (row, column) in locked)
        found.append((mentor.ref, mentee.ref, pair))
    return tuple(pair for _, _, pair in sorted(found, key=lambda one: one[:2]))


def _words(mentee: Person, written: texts.Words, frequency: Counter[str]) -> tuple[str, ...]:
    """The words of the mentor that name what the mentee wants, or that the mentee writes."""
    first = texts.topical(wanted(mentee))
    asked = first | {token for token, _ in tokens(wishes(mentee))}
    return texts.shown(texts.found(asked, written), first, frequency, SHOWN)


def _reasons(mentor: Person, mentee: Person, can: Sequence[str], words: tuple[str, ...]) -> Iterator[Reason]:
    """``can`` are the skills that the mentor offers, without those that the mentor's own texts disclaim."""
    named = texts.found(texts.topical(wanted(mentee)), [(token, word) for word in words for token, _ in tokens(word)])
    exact, near = skills.matched(wanted(mentee), can, SHOWN)
    back, _ = skills.matched(wanted(mentor), offered(mentee), SHOWN)
    found = {
        "skills": exact,
        "near-skills": near,
        "return": back,
        "text": words,
        "languages": tuple(one for one in mentee.languages if one in mentor.languages)[:SHOWN],
        "place": (mentor.place.strip(),) if _near(mentor, mentee) == 1 else (),
        "availability": tuple(one for one in mentee.availability if one in mentor.availability)[:SHOWN],
    }
    yield from (Reason(code, data) for code, data in found.items() if data)
    if mentee.wants and not exact and not near and not named:
        yield Reason("no-skill", tuple(wanted(mentee))[:SHOWN])
    if mentor.availability and mentee.availability and not found["availability"]:
        yield Reason("no-availability")
    hours = places.hours_apart([(mentor.place, mentor.timezone)], [(mentee.place, mentee.timezone)])[0, 0]
    if hours >= FAR_HOURS:
        yield Reason("far", (f"{hours:g}",))


def _near(mentor: Person, mentee: Person) -> float:
    place = places.nearness_matrix([(mentor.place, mentor.timezone)], [(mentee.place, mentee.timezone)])
    return float(place[0, 0])


def _second_bests(board: Board, cells: Sequence[Cell]) -> list[SecondBest | None]:
    """For each mentee, the allowed mentor of the best fit besides the own ones."""
    others = np.where(board.allowed, board.fits, -1)
    for cell in cells:
        others[cell] = -1
    left, _ = board.left(cells)
    found: list[SecondBest | None] = []
    for column in range(len(board.mentees)):
        row = int(others[:, column].argmax()) if len(board.mentors) else 0
        fit = int(others[row, column]) if len(board.mentors) else -1
        second = SecondBest(board.mentors[row].id, fit / SCALE, bool(left[row] > 0)) if fit >= 0 else None
        found.append(second)
    return found
