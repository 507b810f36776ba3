"""All mentors as columns of numbers, so that one need is compared with a hundred thousand of them in milliseconds.

Nobody is left out for lack of a skill: every mentor gets every part of the score, and only conditions that nothing
makes up for (a language in common, pause, availability) exclude. Pure, and kept in the memory of the process: it holds
what `portraits` say and a few traits, no names and no texts.
"""

from array import array
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Final

import numpy as np
from numpy.typing import NDArray

from contracts.fit import NEUTRAL
from contracts.fit.encoder import WIDTH
from contracts.fit.kept import STEPS
from contracts.fit.portraits import Asked, Portrait
from contracts.fit.thesaurus import thesaurus
from contracts.fit.topics import PLACES, Numbers

FIRST_ROWS: Final = 1024
ROOM: Final = 0.5
"""Columns that are full are written anew, without rows that are out of date, with room for this share more."""
ROW: Final = "I"
"""The type in which the row of a word is kept: four bytes."""

Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Traits:
    """The conditions of a mentor. ``rate`` is a day's, in minor units of ``currency``; ``available_from`` is None for
    at once, `date.max` for a mentor who wants no invitations."""

    languages: tuple[str, ...]
    rate: int | None = None
    currency: str | None = None
    available_from: date | None = None


class Shelf:
    """Mentors with their portraits and traits, by account.

    ``seen`` is for whoever keeps the shelf up to date: until when the profiles written are here.
    """

    def __init__(self) -> None:
        self.seen: datetime | None = None
        self._columns = _Columns(FIRST_ROWS)
        self._digests: dict[str, str] = {}
        self._versions: dict[str, int] = {}
        self._new: dict[str, tuple[str, Portrait]] = {}

    def __len__(self) -> int:
        return len(self._columns.rows)

    def digest(self, mentor: str) -> str | None:
        """The digest with which the mentor was put here, None for an unknown one."""
        return self._digests.get(mentor)

    def version(self, mentor: str) -> int | None:
        """The version of the profile with which the mentor was put here."""
        return self._versions.get(mentor)

    def put(
        self, mentor: str, digest: str, portrait: Portrait, traits: Traits, version: int = 0, new: bool = False
    ) -> None:
        """Adds or replaces a mentor; `take_new` returns a ``new`` portrait once."""
        self.drop(mentor)
        if new:
            self._new[mentor] = digest, portrait
        if self._columns.full:
            self._columns = self._columns.renewed()  # whoever compares meanwhile still has the old ones
        self._columns.add(mentor, portrait, traits)
        self._digests[mentor], self._versions[mentor] = digest, version

    def change(self, mentor: str, traits: Traits, version: int) -> None:
        """Replaces the traits of a known mentor, whose portrait stays."""
        self._columns.set_traits(self._columns.rows[mentor], traits)
        self._versions[mentor] = version

    def take_new(self) -> list[tuple[str, str, Portrait]]:
        """The new portraits since the last call: mentor, digest, portrait."""
        taken, self._new = self._new, {}
        return [(mentor, *found) for mentor, found in taken.items()]

    def drop(self, mentor: str) -> None:
        """Removes a mentor, if known."""
        self._digests.pop(mentor, None)
        self._versions.pop(mentor, None)
        self._new.pop(mentor, None)
        self._columns.bury(mentor)

    def mentors(self) -> list[str]:
        """The accounts of all mentors."""
        return list(self._columns.rows)

    def compare(self, asked: Asked, among: Collection[str] | None = None) -> "Compared":
        """Compares the need with every mentor, or with those ``among`` them that are known."""
        columns = self._columns
        if among is None:
            rows = np.flatnonzero(columns.alive[: columns.used])
        else:
            known = (columns.rows.get(one) for one in among)
            rows = np.array(sorted(row for row in known if row is not None), np.intp)
        return Compared(columns, rows, asked)


class Compared:
    """One need and many mentors: each part of the score, from 0 to 1. ``rows`` fixes their order."""

    def __init__(self, columns: "_Columns", rows: Rows, asked: Asked) -> None:
        self._columns, self.rows, self._asked = columns, rows, asked
        self._used = int(rows[-1]) + 1 if rows.size else 0  # rows that another thread adds meanwhile stay out
        self._whole = len(rows) == self._used
        self._topics = np.flatnonzero(asked.weights)

    def mentors(self, places: Rows) -> list[str]:
        """The accounts at these places."""
        return [self._columns.mentors[row] for row in self.rows[places]]

    def lots(self, seed: str) -> NDArray[np.uint64]:
        """A number for each, drawn from the seed and the account: whom equal scores put first."""
        drawn = np.uint64(int.from_bytes(sha256(seed.encode()).digest()[:8], "big") | 1)
        mixed = self._columns.lots[self.rows] * drawn
        return np.asarray(mixed ^ (mixed >> np.uint64(32)), np.uint64)

    def topics(self) -> Numbers:
        """How well each covers the topics."""
        found: Numbers = self._asked.weights[self._topics] @ self._strengths(self.rows)
        return found

    def by_topic(self, places: Rows) -> list[list[tuple[int, float]]]:
        """For the mentors at these places, what each topic (by its place in the vocabulary) contributes."""
        shares = self._asked.weights[self._topics][:, None] * self._strengths(self.rows[places])
        return [list(zip(self._topics.tolist(), column.tolist(), strict=True)) for column in shares.T]

    def meaning(self) -> Numbers:
        """How near the texts are in meaning."""
        near = self._columns.directions[: self._used] @ self._asked.direction
        return np.clip(self._of_rows(near), 0, 1)

    def words(self) -> Numbers:
        """The share of the need's words that the texts have, by how much the words tell."""
        found, whole = np.zeros(self._used, np.float32), 0.0
        for word in sorted(self._asked.words):
            rarity = thesaurus().rarity_of(word)
            whole += rarity
            having = self._columns.having(word)
            found[having[having < len(found)]] += np.float32(rarity)
        return self._of_rows(found) / np.float32(whole or 1.0)

    def languages(self, wanted: Sequence[str]) -> Numbers:
        """The share of the wanted languages that each speaks; neutral if none is wanted."""
        if not wanted:
            return np.full(len(self.rows), NEUTRAL, np.float32)
        spoken = self._columns.languages[self.rows]
        counts = np.zeros(len(self.rows), np.float32)
        for bit in self._bits(wanted):
            counts += (spoken & bit) != 0
        return counts / np.float32(len(set(wanted)))

    def budget(self, amount: int | None, currency: str | None, days: int) -> Numbers:
        """How far the budget pays for this many days; neutral where either is unknown or the currencies differ."""
        part = np.full(len(self.rows), NEUTRAL, np.float32)
        if amount is not None and currency in self._columns.currencies:
            same = self._columns.currency[self.rows] == self._columns.currencies[currency]
            rates = self._columns.rates[self.rows][same]
            part[same] = np.where(rates > 0, np.minimum(1, max(0, amount) / np.maximum(rates * days, 1)), 1)
        return part

    def waits(self, today: date) -> NDArray[np.int64]:
        """The days until each is available."""
        return np.maximum(0, self._columns.available[self.rows] - today.toordinal())

    def _bits(self, wanted: Iterable[str]) -> list[np.uint64]:
        return [np.uint64(1 << self._columns.spoken[one]) for one in sorted(set(wanted)) if one in self._columns.spoken]

    def _strengths(self, rows: Rows) -> Numbers:
        of_topics = self._columns.strengths[self._topics]
        chosen = of_topics[:, : self._used] if self._whole and rows is self.rows else of_topics[:, rows]
        found: Numbers = chosen.astype(np.float32) / np.float32(STEPS)
        return found

    def _of_rows(self, numbers: Numbers) -> Numbers:
        return numbers if self._whole else numbers[self.rows]


class _Columns:
    """The numbers of the mentors, row by row in the order in which they were put; a replaced row is dead. ``rows`` has
    the living row of each mentor."""

    def __init__(self, rows: int) -> None:
        self.used = 0
        self.mentors: list[str] = []
        self.rows: dict[str, int] = {}
        self.alive = np.zeros(rows, bool)
        self.strengths = np.zeros((len(PLACES), rows), np.uint8)
        self.directions = np.zeros((rows, WIDTH), np.float32)
        self.languages = np.zeros(rows, np.uint64)
        self.rates = np.zeros(rows, np.float64)
        self.currency = np.full(rows, -1, np.int16)
        self.available = np.zeros(rows, np.int64)
        self.lots = np.zeros(rows, np.uint64)
        self.spoken: dict[str, int] = {}
        self.currencies: dict[str | None, int] = {}
        self._words: dict[str, array[int]] = {}

    @property
    def full(self) -> bool:
        """Whether there is no room for another row."""
        return self.used == len(self.alive)

    def add(self, mentor: str, portrait: Portrait, traits: Traits) -> None:
        """Adds a row."""
        row = self.used
        self.mentors.append(mentor)
        for word in portrait.words:
            self._words.setdefault(word, array(ROW)).append(row)
        self.strengths[:, row] = np.rint(portrait.strengths * STEPS)
        self.directions[row] = portrait.direction
        self.set_traits(row, traits)
        self.lots[row] = int.from_bytes(sha256(mentor.encode()).digest()[:8], "big")
        self.rows[mentor] = row
        self.alive[row] = True
        self.used += 1  # only now the row is seen by whoever compares in another thread

    def set_traits(self, row: int, traits: Traits) -> None:
        """Replaces the traits of a row."""
        bits = [1 << self.spoken.setdefault(one, len(self.spoken)) for one in set(traits.languages)]
        self.languages[row] = sum(bits)
        known = traits.rate is not None
        self.rates[row] = traits.rate if known else 0
        self.currency[row] = self.currencies.setdefault(traits.currency, len(self.currencies)) if known else -1
        self.available[row] = traits.available_from.toordinal() if traits.available_from else 0

    def renewed(self) -> "_Columns":
        """The living rows in new columns, which have room for more."""
        living = np.flatnonzero(self.alive[: self.used])
        count = len(living)
        other = _Columns(max(FIRST_ROWS, int(count * (1 + ROOM))))
        other.mentors = [self.mentors[row] for row in living]
        other.rows = {mentor: row for row, mentor in enumerate(other.mentors)}
        other.spoken, other.currencies, other.used = self.spoken, self.currencies, count
        other.strengths[:, :count] = self.strengths[:, living]
        for theirs, mine in zip(other._by_row(), self._by_row(), strict=True):
            theirs[:count] = mine[living]
        other._words = self._words if count == self.used else self._renumbered(living)
        return other

    def bury(self, mentor: str) -> None:
        """The mentor's row, if there is one, is out of date."""
        row = self.rows.pop(mentor, None)
        if row is not None:
            self.alive[row] = False

    def having(self, word: str) -> Rows:
        """The rows whose texts have this word, dead ones among them."""
        # The bytes are a copy: another thread may add to the array.
        found = np.frombuffer(self._words[word].tobytes(), ROW) if word in self._words else np.zeros(0, ROW)
        return found.astype(np.intp)

    def _renumbered(self, living: Rows) -> "dict[str, array[int]]":
        """The living rows that have each word, by their places in ``living``."""
        places = np.full(self.used, -1, np.intp)
        places[living] = np.arange(len(living))
        found = {}
        for word in self._words:
            kept = places[self.having(word)]
            if (kept >= 0).any():
                found[word] = array(ROW, kept[kept >= 0].astype(ROW).tobytes())
        return found

    def _by_row(self) -> tuple[NDArray[np.generic], ...]:
        return (
            self.alive, self.directions, self.languages, self.rates, self.currency, self.available, self.lots,
        )  # fmt: skip
