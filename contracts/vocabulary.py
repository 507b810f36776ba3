"""The skills vocabulary: what a project may ask for and a mentor may offer, in French and English."""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache, lru_cache
from importlib.resources import files

_SAME, _STEP, _STEPS = 1.0, 0.5, 2  # each step up or down the tree halves the kinship, two steps at most
_CLOSE_ENOUGH = 0.6  # difflib's own advice for "a close match"
_LONGEST_TEXT = 200  # what suggest() and search() read of a text, so that its cost is bounded
MOST_MARKS = 30
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae"})


@dataclass(frozen=True)
class Skill:
    """One skill; `broader` names the skills it is a part of."""

    id: str
    fr: str
    en: str
    synonyms: tuple[str, ...]
    broader: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Every label and synonym, in both languages, without repeating one."""
        return tuple(dict.fromkeys((self.fr, self.en, *self.synonyms)))


def fold(text: str) -> str:
    """The text without case or accents: "Réseaux" and "reseaux" fold to the same."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LIGATURES))
    return "".join(character for character in plain if not unicodedata.combining(character))


def few_marks(text: str) -> str:
    """The text without the marks that follow `MOST_MARKS` others on one letter (UAX 15, Stream-Safe Text).

    Normalising puts the marks of a letter in order, which takes the square of their number.
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
    """Whether the id is one of the vocabulary's."""
    return id in SKILLS


def search(query: str = "", limit: int | None = None) -> list[Skill]:
    """The skills that a query finds in either language, best first; an empty query gives all of them.

    A whole name comes before the beginning of one, that before the beginning of a word, that before a piece
    of a word; a label before a synonym; then the order of the file.
    """
    wanted = _spaced(query)
    if not wanted:
        return list(SKILLS.values())[:limit]
    ranks = {id: rank for id in SKILLS if (rank := _search_rank(wanted, id)) is not None}
    return [SKILLS[id] for id in sorted(ranks, key=ranks.__getitem__)][:limit]


def suggest(text: str, limit: int = 5) -> list[str]:
    """The ids nearest to a wrong id or to a free text in either language, best first; perhaps none."""
    wanted = _spaced(text)
    if not wanted:
        return []
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(wanted)
    found = [skill.id for skill in search(wanted, limit)]
    near = sorted(((-_nearness(matcher, wanted, id), place, id) for place, id in enumerate(SKILLS)))
    found += [id for nearness, _, id in near if -nearness >= _CLOSE_ENOUGH]
    return list(dict.fromkeys(found))[:limit]


def terms(ids: Iterable[str]) -> list[str]:
    """The labels and synonyms of these skills in both languages, for a text search; unknown ids add none."""
    return list(dict.fromkeys(name for id in ids if id in SKILLS for name in SKILLS[id].names))


@lru_cache(maxsize=1 << 17)  # every pair of known skills, and a bound on unknown ones
def related(a: str, b: str) -> float:
    """How near two skills are: 1 the same, 0.5 one is a part of the other, 0.25 two steps away (siblings,
    or a part of a part), 0 anything else, an unknown id included."""
    if a == b:
        return _SAME
    if a not in SKILLS or b not in SKILLS:
        return 0.0
    above_a, above_b = _above(a), _above(b)
    steps = min((above_a[id] + above_b[id] for id in above_a.keys() & above_b.keys()), default=_STEPS + 1)
    return _STEP**steps if steps <= _STEPS else 0.0


@cache
def _above(id: str) -> dict[str, int]:
    """The skill itself and all that is broader, each with the fewest steps up to it."""
    steps, level, height = {id: 0}, [id], 0
    while level:
        height += 1
        level = [up for below in level for up in SKILLS[below].broader if up not in steps]
        steps.update(dict.fromkeys(level, height))
    return steps


def _search_rank(wanted: str, id: str) -> int | None:
    labels, synonyms = _FOLDED[id]
    tests = (
        lambda name: name == wanted,
        lambda name: name.startswith(wanted),
        lambda name: f" {wanted}" in name,
        lambda name: wanted in name,
    )
    for rank, test in enumerate(tests):
        for later, names in enumerate((labels, synonyms)):
            if any(map(test, names)):
                return 2 * rank + later
    words = [word for name in (*labels, *synonyms) for word in name.split()]
    if all(any(word.startswith(piece) for word in words) for piece in wanted.split()):
        return 2 * len(tests)
    return None


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
