"""What the log of decisions says of mentors whom a wave did not reach."""

import pytest

from services.matching.model import Considered, Judged, still_waiting


def one(account: str, rank: int, *, newcomer: bool = False) -> Considered:
    return Considered(account, f"card-{account}", rank=rank, newcomer=newcomer)


def invited(rank: int, *, newcomer: bool = False) -> Judged:
    return Judged(one("x", rank, newcomer=newcomer), "invited")


@pytest.mark.parametrize(
    ("reached", "why"),
    [
        ([invited(1), invited(2)], "waits"),
        ([invited(1), invited(4)], "less-invited-first"),
        ([invited(1), invited(9, newcomer=True)], "newcomers-places"),
        ([invited(5), invited(9, newcomer=True)], "less-invited-first"),
        ([Judged(one("x", 9), "cap")], "waits"),
        ([], "waits"),
    ],
)
def test_log_says_who_came_before_whom_against_the_score(reached: list[Judged], why: str) -> None:
    assert [each.outcome for each in still_waiting(reached, [one("a", 3)])] == [why]


@pytest.mark.parametrize(
    ("reached", "why"), [(invited(9, newcomer=True), "less-invited-first"), (invited(9), "newcomers-places")]
)
def test_newcomer_who_waits_reads_whether_the_places_or_the_counts_decided(reached: Judged, why: str) -> None:
    assert [each.outcome for each in still_waiting([reached], [one("a", 3, newcomer=True)])] == [why]
