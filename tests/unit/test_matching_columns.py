"""The shelf's columns are renewed without loss: whoever was put, replaced or dropped before compares the same."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.fit.encoder import WIDTH
from contracts.fit.portraits import Asked, Portrait
from contracts.fit.topics import PLACES
from services.matching.model import shelf
from services.matching.model.shelf import Shelf, Traits

WORDS = ("crm", "donnee", "voile", "reseau")
TODAY = date(2026, 3, 2)
STEPS = st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 30)), max_size=60)
"""Mentors and what is written of them; 0 drops a mentor."""


@pytest.fixture(autouse=True, scope="module")
def few_rows():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shelf, "FIRST_ROWS", 3)
        yield


def portrait(number):
    chance = np.random.default_rng(number)
    words = frozenset(word for place, word in enumerate(WORDS) if number >> place & 1)
    return Portrait(chance.random(len(PLACES), np.float32), chance.random(WIDTH, np.float32), words)


def traits(number):
    return Traits(("fr",) if number % 2 else ("en", "fr"), 1000 * number, "EUR", TODAY + timedelta(number % 5))


def put(where, mentor, number):
    where.put(mentor, str(number), portrait(number), traits(number))


ASKED = Asked(portrait(1).strengths, portrait(1).direction / 100, frozenset(WORDS))


def compared(where):
    """Each mentor's parts."""
    found = where.compare(ASKED)
    columns = (found.topics(), found.words(), found.meaning(), found.languages(("en", "fr")),
               found.budget(90_000, "EUR", 5), found.waits(TODAY), found.lots("seed"))  # fmt: skip
    parts = zip(*(column.tolist() for column in columns), strict=True)
    return dict(zip(found.mentors(np.arange(len(found.rows))), parts, strict=True))


def same(ours, theirs):
    assert ours.keys() == theirs.keys()
    for mentor, parts in ours.items():
        assert parts == pytest.approx(theirs[mentor]), mentor


@given(STEPS)
def test_shelf_with_a_history_compares_like_a_new_one(steps):
    old, new, last = Shelf(), Shelf(), {}
    for mentor, number in steps:
        last[mentor] = number
        if number:
            put(old, mentor, number)
        else:
            old.drop(mentor)
    for mentor, number in last.items():
        if number:
            put(new, mentor, number)
    same(compared(old), compared(new))
    assert (len(old), set(old.mentors())) == (len(new), set(new.mentors()))


def test_comparison_that_has_begun_is_not_disturbed():
    where = Shelf()
    for number, mentor in enumerate("abc", 1):
        put(where, mentor, number)
    begun = where.compare(ASKED)
    before = begun.topics(), begun.words(), begun.meaning()
    for number, mentor in enumerate("bcdefgh", 20):
        put(where, mentor, number)
    after = begun.topics(), begun.words(), begun.meaning()
    assert [one.tolist() for one in after] == [one.tolist() for one in before]
    assert begun.mentors(np.arange(3)) == ["a", "b", "c"]


def test_replaced_rows_do_not_pile_up():
    where = Shelf()
    for number in range(1, 31):
        for mentor in "abcd":
            put(where, mentor, number)
    assert len(where._columns.alive) <= 2 * len(where)
    assert len(where._columns.having("crm")) <= len(where._columns.alive)
