"""How people speak of each skill without its name: the words and the meanings that tell a skill in a text.

``thesaurus.jsonl`` has for each skill of the vocabulary sentences of people who need it (``asks``) and of people who
show it (``shows``), in French and English. From them and from the skill's names come the weights of words here;
``meanings.npy`` has the mean direction of their sentence embeddings (`contracts.fit.meanings`).
"""

import json
from collections import Counter
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final

import numpy as np
from numpy.typing import NDArray

from contracts.fit.spelling import Lexicon
from contracts.fit.words import tokens
from contracts.vocabulary import SKILLS

Numbers = NDArray[np.float32]

OF_A_NAME: Final = 3
"""A word of a skill's name counts as in this many sentences."""
REMEMBERED: Final = 8192
"""Words whose evidence is kept: 1 KB each."""


@dataclass(frozen=True, eq=False)
class Thesaurus:
    """Words and the skills that they tell. ``weights`` has a row for each word and a column for each skill, from 0 to
    1; ``rarity`` is how much a word tells, in nats."""

    skills: tuple[str, ...]
    lexicon: Lexicon
    weights: Numbers
    rarity: Numbers

    def rarity_of(self, token: str) -> float:
        """How much a word tells, in nats; an unknown word tells most."""
        place = self.lexicon.places.get(token)
        return float(np.log1p(len(self.skills))) if place is None else float(self.rarity[place])

    def evidence(self, token: str) -> Numbers:
        """How strongly a word speaks for each skill, itself or through a word that is spelled much like it."""
        near, alike = self.lexicon.near(token)
        if not near.size:
            return np.zeros(len(self.skills), np.float32)
        found: Numbers = (self.weights[near] * alike[:, None]).max(axis=0)
        return found * np.float32(self.rarity_of(token))


def sentences() -> dict[str, list[str]]:
    """The sentences of each skill, all kinds and languages together."""
    rows = map(json.loads, (files(__package__) / "thesaurus.jsonl").read_text(encoding="utf-8").splitlines())
    kinds = ("asks", "shows")
    return {row["id"]: [one for kind in kinds for language in ("fr", "en") for one in row[kind][language]]
            for row in rows}  # fmt: skip


@cache
def thesaurus() -> Thesaurus:
    """The thesaurus of the whole vocabulary; the first call takes about a second."""
    said = sentences()
    counts: list[Counter[str]] = []
    for id, skill in SKILLS.items():
        of_skill: Counter[str] = Counter()
        for sentence in said.get(id, ()):
            of_skill.update({token for token, _ in tokens(sentence)})
        for name in skill.names:
            of_skill.update({token: OF_A_NAME for token, _ in tokens(name)})
        counts.append(of_skill)
    skills_of = Counter(token for of_skill in counts for token in of_skill)
    lexicon = Lexicon(sorted(skills_of))
    weights = np.zeros((len(lexicon.places), len(counts)), np.float32)
    for column, of_skill in enumerate(counts):
        for token, count in of_skill.items():
            weights[lexicon.places[token], column] = count / (count + 1)
    known = np.array([skills_of[token] for token in lexicon.places], np.float32)
    return Thesaurus(tuple(SKILLS), lexicon, weights, np.log1p(len(counts) / (1 + known)).astype(np.float32))


@lru_cache(maxsize=REMEMBERED)
def evidence(token: str) -> Numbers:
    """`Thesaurus.evidence` of the thesaurus, remembered; not to be changed."""
    return thesaurus().evidence(token)
