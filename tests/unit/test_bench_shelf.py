"""The measurement of the shelf: its mentors are always the same ones, and it measures what it says."""

from datetime import date
from itertools import islice

import numpy as np
import pytest

from benchmarks import shelf
from benchmarks.mentors import invented, needs
from contracts.fit.encoder import WIDTH
from contracts.fit.portraits import Asked, Portrait
from contracts.fit.topics import MOST, PLACES

TODAY = date(2026, 3, 2)


def numbers(seed, size):
    found = np.random.default_rng(seed).random(size, np.float32)
    return found / np.linalg.norm(found)


@pytest.fixture
def models():
    words = [frozenset(f"w{number}" for number in range(start, start + 20)) for start in (0, 15, 30)]
    people = [Portrait(numbers(seed, len(PLACES)), numbers(seed, WIDTH), words[seed]) for seed in range(3)]
    asks = [Asked(numbers(seed, len(PLACES)), numbers(seed, WIDTH), words[seed]) for seed in range(3)]
    return people, asks


def test_invented_mentors_are_always_the_same(models):
    one, other = list(invented(models[0], 20, TODAY)), list(invented(models[0], 20, TODAY))
    for (portrait, traits), (again, traits_again) in zip(one, other, strict=True):
        assert (portrait.words, traits) == (again.words, traits_again)
        assert (portrait.strengths == again.strengths).all()
        assert 0 <= portrait.strengths.min() <= portrait.strengths.max() <= 1
        assert np.linalg.norm(portrait.direction) == pytest.approx(1, abs=1e-5)
    assert len({portrait.words for portrait, _ in one}) == 20
    assert {traits.available_from is None for _, traits in one} == {True, False}


def test_invented_needs_have_weights_like_real_ones(models):
    for asked in islice(needs(models[1], 10), 10):
        assert asked.weights.sum() == pytest.approx(1, abs=1e-5)
        assert np.count_nonzero(asked.weights) <= MOST


def test_small_shelf_is_measured(models, tmp_path):
    shelf.write(tmp_path, models[0], models[1], 60)
    found = shelf.measure(tmp_path)
    assert found.mentors == 60
    assert 0 < found.rank_median_ms <= found.rank_p99_ms
    assert 0 < found.empty_mib <= found.peak_mib
    assert found.replaced_median_ms <= found.replaced_longest_ms
    assert "| 60 mentors" in shelf.table(found)


def test_exceeded_limit_is_told(models, tmp_path, monkeypatch):
    shelf.write(tmp_path, models[0], models[1], 10)
    found = shelf.measure(tmp_path)
    monkeypatch.setitem(shelf.LIMITS, "resident_mib", found.resident_mib - 1)
    assert not found.within
