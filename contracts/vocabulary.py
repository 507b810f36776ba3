"""The vocabulary of skills that a project may ask for and a mentor may offer, in French and English."""

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache, lru_cache
from importlib.resources import files

_SAME, _STEP, _STEPS = 1.0, 0.5, 2  # each step up or down the tree halves the score, for two steps at most
_CLOSE_ENOUGH = 0.6  # difflib's recommended threshold for a close match
_LONGEST_TEXT = 200  # characters that suggest() and search() read; it bounds their cost
MOST_MARKS = 30
_WORDS_TOO = frozenset(
    [
        "agile",
        "ai",
        "bi",
        "claude",
        "cloud",
        "coda",
        "coding",
        "data",
        "design",
        "excel",
        "geo",
        "growth",
        "info",
        "make",
        "malt",
        "notion",
        "panda",
        "poll",
        "react",
        "roi",
        "scam",
        "sea",
        "signal",
        "slide",
        "slides",
        "snap",
        "son",
        "sprint",
        "stripe",
        "team",
        "teams",
        "thread",
        "threads",
        "veille",
    ]
)
"""Names of skills that are ordinary words as well: alone in a sentence they name no skill."""
_SAME_SIGNS = str.maketrans({"œ": "oe", "æ": "ae", "’": "'"})


@dataclass(frozen=True)
class Skill:
    """One skill; `broader` holds the ids of the skills that it is part of."""

    id: str
    fr: str
    en: str
    synonyms: tuple[str, ...]
    broader: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The distinct labels and synonyms in both languages."""
        return tuple(dict.fromkeys((self.fr, self.en, *self.synonyms)))


def fold(text: str) -> str:
    """The text without case, accents and curved apostrophes: "Réseaux" and "reseaux" fold to the same text."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_SAME_SIGNS))
    return "".join(character for character in plain if not unicodedata.combining(character))


def few_marks(text: str) -> str:
    """The text with at most `MOST_MARKS` combining marks per letter (UAX 15, Stream-Safe Text).

    Normalisation sorts the marks of a letter, which takes quadratic time in their number.
    """
    if text.isascii():
        return text
    kept, run = [], 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        if run <= MOST_MARKS:
            kept.append(character)
    return "".join(kept)


def exists(id: str) -> bool:
    """Whether the vocabulary has this id."""
    return id in SKILLS


def search(query: str = "", limit: int | None = None) -> list[Skill]:
    """The skills that match a query in either language, best match first; an empty query returns all skills.

    A match of a whole name ranks before a prefix of a name, a prefix of a word and a part of a word, in that order;
    then a label before a synonym; then the order of the file.
    """
    wanted = _spaced(query)
    if not wanted:
        return list(SKILLS.values())[:limit]
    return list(_found(wanted))[:limit]


def suggest(text: str, limit: int = 5) -> list[str]:
    """The ids most similar to an unknown id or to a free text in either language, best first; may be empty."""
    wanted = _spaced(text)
    if not wanted:
        return []
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(wanted)
    found = [skill.id for skill in search(wanted, limit)]
    near = sorted(((-_nearness(matcher, wanted, id), place, id) for place, id in enumerate(SKILLS)))
    found += [id for nearness, _, id in near if -nearness >= _CLOSE_ENOUGH]
    return list(dict.fromkeys(found))[:limit]


def mentioned(text: str) -> list[str]:
    """The ids of skills that a text names in either language, the longest names first, then by place in the text."""
    words = map(_stem, re.findall(r"[^\W_]+", fold(few_marks(text))))
    spaced = f" {' '.join(words)} "
    found = {}
    for id, names in _STEMS.items():
        hits = [(-len(name), spaced.index(name)) for name in names if name in spaced and name[1:-1] not in _WORDS_TOO]
        if hits:
            found[id] = min(hits)
    return sorted(found, key=found.__getitem__)


def terms(ids: Iterable[str]) -> list[str]:
    """The labels and synonyms of these skills in both languages, for a text search; unknown ids are ignored."""
    return list(dict.fromkeys(name for id in ids if id in SKILLS for name in SKILLS[id].names))


@lru_cache(maxsize=1 << 17)  # holds every pair of known skills, and bounds the number of unknown ones
def related(a: str, b: str) -> float:
    """How closely two skills are related, from 0 to 1.

    1 for the same skill, 0.5 if one is part of the other, 0.25 for two steps (siblings, or a part of a part), otherwise
    0, as for an unknown id.
    """
    if a == b:
        return _SAME
    if a not in SKILLS or b not in SKILLS:
        return 0.0
    above_a, above_b = _above(a), _above(b)
    steps = min((above_a[id] + above_b[id] for id in above_a.keys() & above_b.keys()), default=_STEPS + 1)
    return _STEP**steps if steps <= _STEPS else 0.0


@cache
def _above(id: str) -> dict[str, int]:
    """The skill and all broader ones, each with the smallest number of steps up to it."""
    steps, level, height = {id: 0}, [id], 0
    while level:
        height += 1
        level = [up for below in level for up in SKILLS[below].broader if up not in steps]
        steps.update(dict.fromkeys(level, height))
    return steps


@lru_cache(maxsize=4_096)  # people type the same beginnings, and the vocabulary never changes
def _found(wanted: str) -> tuple[Skill, ...]:
    """The skills that match a folded query, best match first."""
    ranks = {id: rank for id in SKILLS if (rank := _search_rank(wanted, id)) is not None}
    return tuple(SKILLS[id] for id in sorted(ranks, key=ranks.__getitem__))


forget = _found.cache_clear
"""Makes `search` forget what it found; for measurements."""


def _search_rank(wanted: str, id: str) -> int | None:
    text = _TEXTS[id]
    if wanted not in text:
        begun = all(f" {piece}" in text for piece in wanted.split())
        return 2 * len(_MATCHES) if begun else None
    return min(
        2 * rank + later
        for later, names in enumerate(_FOLDED[id])
        for rank, matches in enumerate(_MATCHES)
        if any(matches(name, wanted) for name in names)
    )


_MATCHES: tuple[Callable[[str, str], bool], ...] = (
    lambda name, wanted: name == wanted,
    lambda name, wanted: name.startswith(wanted),
    lambda name, wanted: f" {wanted}" in name,
    lambda name, wanted: wanted in name,
)


def _stem(word: str) -> str:
    """A word without the mark of a French or English plural; short words stay."""
    return word[:-1] if len(word) > 3 and word[-1] in "sx" else word


def _nearness(matcher: SequenceMatcher[str], wanted: str, id: str) -> float:
    best = 0.0
    for name in (name for names in _FOLDED[id] for name in names):
        if f" {name} " in f" {wanted} ":
            return 1.0
        matcher.set_seq1(name)
        floor = max(best, _CLOSE_ENOUGH)
        if matcher.real_quick_ratio() >= floor and matcher.quick_ratio() >= floor:
            best = max(best, matcher.ratio())
    return best


def _spaced(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", fold(text[:_LONGEST_TEXT])))


def _load() -> Iterator[Skill]:
    for row in json.loads((files(__package__) / "vocabulary.json").read_text(encoding="utf-8")):
        yield Skill(row["id"], row["fr"], row["en"], tuple(row["synonyms"]), tuple(row["broader"]))


SKILLS: dict[str, Skill] = {skill.id: skill for skill in _load()}
_FOLDED: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    skill.id: (
        tuple(dict.fromkeys(map(_spaced, (skill.fr, skill.en, skill.id)))),
        tuple(dict.fromkeys(map(_spaced, skill.synonyms))),
    )
    for skill in SKILLS.values()
}
_TEXTS: dict[str, str] = {
    id: "".join(f" {name} |" for names in known for name in names) for id, known in _FOLDED.items()
}
"""All names of a skill in one text, in which no query crosses from one name to the next."""
_STEMS: dict[str, tuple[str, ...]] = {
    id: tuple(f" {' '.join(map(_stem, name.split()))} " for names in known for name in names)
    for id, known in _FOLDED.items()
}
