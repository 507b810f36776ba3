"""The ways of using the pages that a run tries."""

from dataclasses import astuple
from itertools import combinations

from tests.kit.ways import ALL, PAIRWISE, Way, chosen


def pairs(ways: list[Way]) -> set[tuple[object, ...]]:
    """Each pair of values that some way has, with their places."""
    return {pair for way in ways for pair in combinations(enumerate(astuple(way)), 2)}


def test_few_ways_hold_every_pair_of_values_and_none_is_superfluous() -> None:
    assert pairs(PAIRWISE) == pairs(ALL)
    assert all(pairs([way for way in PAIRWISE if way != left_out]) != pairs(ALL) for left_out in PAIRWISE)


def test_a_run_tries_every_way_when_asked_to() -> None:
    assert (len(chosen({"RELEVE_BROWSER_WAYS": "all"})), chosen({})) == (16, PAIRWISE)
