"""The statistical test of `make security`: it sees a difference in time, and none where there is none."""

import random

import pytest

from tests.security.timing import Told, compare


def sample(seed: int, more: float = 0.0) -> list[float]:
    draw = random.Random(seed)
    return [0.002 + more + draw.gammavariate(2, 0.0004) for _ in range(1_000)]


@pytest.mark.parametrize("seed", range(5))
def test_equal_times_do_not_tell(seed: int) -> None:
    told = compare(sample(seed), sample(seed + 100), "x")
    assert not told.tells
    assert told.low < 0.5 < told.high


@pytest.mark.parametrize("more", [0.0003, -0.0003])
def test_third_of_a_millisecond_tells(more: float) -> None:
    assert compare(sample(1, more), sample(2), "x").tells


def test_interval_must_lie_wholly_apart() -> None:
    assert not Told("x", 0.62, 0.59, 0.65, 1, 1, 2_000).tells
    assert Told("x", 0.64, 0.61, 0.67, 1, 1, 2_000).tells
