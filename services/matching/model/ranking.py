"""Ranks mentors for a need, with reasons: pure rules, no clock, no I/O.

The reasons that a mentor reads (`Ranked.why`, `reasons.explain`) contain only content of their own profile: no word of
the brief that is not in it, and nothing about the client's budget.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from types import MappingProxyType
from typing import Final

from contracts import vocabulary
from contracts.fit import NEUTRAL, languages, skills, texts
from contracts.fit.reasons import Reason
from contracts.fit.words import tokens

WEIGHTS: Final[Mapping[str, float]] = MappingProxyType(
    {"skills": 0.5, "text": 0.2, "languages": 0.1, "budget": 0.1, "availability": 0.1}
)
SOON_DAYS: Final = 30  # days; a mentor available later than this is not eligible
BUDGET_DAYS: Final = 5  # a budget that pays for this many days of a mentor scores 1
SHOWN_SKILLS: Final = 5
SHOWN_WORDS: Final = 5


@dataclass(frozen=True)
class Need:
    """What a project asks for; the budget is in minor units of its currency, before tax."""

    topics: tuple[str, ...]
    languages: tuple[str, ...]
    title: str
    brief: str
    budget_minor: int | None = None
    currency: str | None = None


@dataclass(frozen=True)
class Candidate:
    """The parts of a mentor's profile that the ranking uses."""

    mentor: str
    skills: tuple[str, ...]
    languages: tuple[str, ...]
    day_rate_minor: int | None = None
    currency: str | None = None
    available_from: date | None = None
    paused: bool = False
    headline: str = ""
    bio: str = ""


@dataclass(frozen=True)
class Ranked:
    """A mentor's score from 0 to 1, and the reasons that the mentor may read."""

    mentor: str
    score: float
    why: tuple[Reason, ...]


def eligible(need: Need, candidate: Candidate, today: date) -> bool:
    """Whether the mentor may be ranked: not paused, available within `SOON_DAYS`, a language in common,
    and a skill near one of the topics. A need without topics or languages requires none."""
    return (
        not candidate.paused
        and _wait(candidate, today) <= SOON_DAYS
        and (not need.languages or bool(set(need.languages) & set(candidate.languages)))
        and (not need.topics or any(vocabulary.related(a, b) for a in need.topics for b in candidate.skills))
    )


def near_skills(topics: Sequence[str]) -> list[str]:
    """The skills of the vocabulary that are near one of the topics; a mentor with none of them is not eligible."""
    return [skill for skill in vocabulary.SKILLS if any(vocabulary.related(skill, topic) for topic in topics)]


def rank(need: Need, candidates: Iterable[Candidate], today: date, seed: str) -> list[Ranked]:
    """The eligible mentors, best first.

    The order depends only on the arguments, and not on the order of the candidates (each mentor once).
    Equal scores are ordered by a hash of seed and mentor, so that no id is always favoured.
    """
    pool = [one for one in candidates if eligible(need, one, today)]
    written = _text_parts(need, pool)
    ranked = []
    for candidate, (text, words) in zip(pool, written, strict=True):
        parts = {
            "skills": skills.covered(need.topics, candidate.skills),
            "text": text,
            "languages": languages.share(need.languages, candidate.languages),
            "budget": _budget_part(need, candidate),
            "availability": 1 - _wait(candidate, today) / (SOON_DAYS + 1),
        }
        score = sum(weight * parts[part] for part, weight in WEIGHTS.items())
        # Rounded, so that floating-point noise does not break ties.
        score = round(min(score, 1.0), 6)
        ranked.append(Ranked(candidate.mentor, score, _why(need, candidate, words, today)))
    return sorted(ranked, key=lambda one: (-one.score, _tie_break(seed, one.mentor)))


def _budget_part(need: Need, candidate: Candidate) -> float:
    if need.budget_minor is None or candidate.day_rate_minor is None or need.currency != candidate.currency:
        return NEUTRAL
    if candidate.day_rate_minor <= 0:
        return 1.0
    return min(1.0, max(0, need.budget_minor) / (BUDGET_DAYS * candidate.day_rate_minor))


def _wait(candidate: Candidate, today: date) -> int:
    """Days until the mentor is available."""
    return max(0, (candidate.available_from - today).days) if candidate.available_from else 0


def _text_parts(need: Need, pool: Sequence[Candidate]) -> list[tuple[float, tuple[str, ...]]]:
    """For each candidate, the score of headline and bio against the need, and the matched words (`texts.scored`)."""
    topical = texts.topical(need.topics)
    query = topical.union(token for text in (need.title, need.brief) for token, _ in tokens(text))
    return texts.scored(query, topical, [tokens(f"{one.headline}\n{one.bio}") for one in pool], SHOWN_WORDS)


def _why(need: Need, candidate: Candidate, words: tuple[str, ...], today: date) -> tuple[Reason, ...]:
    exact, near = skills.matched(need.topics, candidate.skills, SHOWN_SKILLS)
    spoken = tuple(language for language in candidate.languages if language in need.languages)
    free = () if _wait(candidate, today) else (Reason("availability"),)
    found = {"skills": exact, "near-skills": near, "text": words, "languages": spoken}
    return (*(Reason(code, data) for code, data in found.items() if data), *free)


def _tie_break(seed: str, mentor: str) -> bytes:
    return sha256(f"{len(seed)}:{seed}{mentor}".encode()).digest()
