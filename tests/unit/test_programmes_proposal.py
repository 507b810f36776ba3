"""Proposals: what makes one stale, and how two differ; requests to solve and their claims."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.programmes.model.pairing import Paired
from services.programmes.model.participants import Participant
from services.programmes.model.programme import Programme, Rules
from services.programmes.model.proposal import (
    Mark,
    Proposal,
    changes_between,
    fingerprint,
    with_marks,
)
from services.programmes.model.solves import (
    FAILED,
    LEASE,
    LONG,
    MOST_RESTARTS,
    MOST_TRIES,
    PROPOSAL,
    READY,
    REMATCH,
    REQUESTED,
    SOLVING,
    Solve,
)

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
PROGRAMME = Programme("prog", "owner", "Twenty", "pairing", NOW)
PEOPLE = [Participant(ref, "prog", ref, ref, f"{ref}@x.example", side, NOW, wants=["crm"])
          for ref, side in (("a", "mentor"), ("b", "mentor"), ("x", "mentee"), ("y", "mentee"))]  # fmt: skip
INPUTS = fingerprint(PROGRAMME, PEOPLE)


def proposal(*twos: str) -> Proposal:
    return Proposal("s1", "prog", INPUTS, NOW, [Paired(two[0], two[1], 0.5, (), None) for two in twos])


def mark(two: str, *, locked: bool = False, forbidden: bool = False) -> Mark:
    return Mark(f"prog:{two}", "prog", two[0], two[1], locked, forbidden)


@pytest.mark.parametrize(
    "change",
    [{"wants": ["seo"]}, {"side": "mentor"}, {"capacity": 2}, {"manager_ref": "a"}, {"state": "objected"},
     {"confirmed": False}, {"team": "t"}, {"organisation": "o"}, {"languages": ["fr"]}],
)  # fmt: skip
def test_change_that_a_solver_reads_makes_it_stale(change: dict[str, object]) -> None:
    changed = [*PEOPLE[:3], replace(PEOPLE[3], **change)]  # type: ignore[arg-type]
    assert proposal("ax", "by").is_stale(fingerprint(PROGRAMME, changed), [])


@pytest.mark.parametrize("change", [{"name": "N"}, {"email": "n@x.example"}, {"state": "agreed"}, {"version": 9}])
def test_change_that_no_solver_reads_leaves_it_fresh(change: dict[str, object]) -> None:
    changed = [*PEOPLE[:3], replace(PEOPLE[3], **change)]  # type: ignore[arg-type]
    assert not proposal("ax", "by").is_stale(fingerprint(PROGRAMME, list(reversed(changed))), [])


def test_changed_rule_makes_it_stale_and_period_does_not() -> None:
    stricter = replace(PROGRAMME, rules=Rules(cross_company=True))
    assert proposal().is_stale(fingerprint(stricter, PEOPLE), [])
    longer = replace(PROGRAMME, rules=Rules(answer_within=timedelta(days=3)))
    assert not proposal().is_stale(fingerprint(longer, PEOPLE), [])


def test_mark_that_is_not_respected_makes_it_stale() -> None:
    kept = proposal("ax", "by")
    assert not kept.is_stale(INPUTS, [mark("ax", locked=True), mark("ay", forbidden=True), mark("bx")])
    assert kept.is_stale(INPUTS, [mark("ay", locked=True)])
    assert kept.is_stale(INPUTS, [mark("ax", forbidden=True)])


def test_any_mark_gives_the_solver_something_new() -> None:
    assert with_marks(INPUTS, [mark("ax")]) == with_marks(INPUTS, [])
    told = {with_marks(INPUTS, marks) for marks in ([], [mark("ax", locked=True)], [mark("ax", forbidden=True)])}
    assert len(told) == 3


def test_changes_are_removed_added_and_kept_pairs() -> None:
    found = changes_between(proposal("ax", "by").couples, proposal("ax", "bz").couples)
    assert [(one["change"], one["mentor"] + one["mentee"]) for one in found] == [
        ("removed", "by"), ("added", "bz"), ("kept", "ax"),
    ]  # fmt: skip


def test_uncovered_are_those_whom_the_programme_promises_a_partner() -> None:
    def uncovered(cover: str) -> list[str]:
        return [one.ref for one in proposal("ax").uncovered(Rules(cover=cover), PEOPLE)]

    assert (uncovered("mentees"), uncovered("mentors"), uncovered("both")) == (["y"], ["b"], ["b", "y"])


def solve(kind: str = PROPOSAL) -> Solve:
    return Solve("s1", "prog", kind, NOW, due_at=NOW)


def test_claim_lasts_for_its_lease_and_belongs_to_one() -> None:
    one = solve()
    assert one.start("c1", "in", NOW)
    assert (one.state, one.due_at, one.held_by("c1"), one.held_by("c2")) == (SOLVING, NOW + LEASE, True, False)
    assert one.start("c2", "in", NOW + LEASE)
    assert not one.held_by("c1")


def test_request_that_kills_every_worker_is_given_up() -> None:
    one = solve()
    assert all(one.start(f"c{number}", "in", NOW) for number in range(MOST_TRIES))
    assert not one.start("last", "in", NOW)
    assert (one.state, one.due_at) == (FAILED, None)


def test_solver_starts_again_while_people_change_but_not_for_ever() -> None:
    one = solve()
    for _ in range(MOST_RESTARTS):
        one.start("c", "in", NOW)
        assert one.restart(NOW)
        assert (one.state, one.due_at, one.tries) == (REQUESTED, NOW, 0)
    assert not one.restart(NOW)


def test_wish_during_a_run_asks_for_another_run() -> None:
    one = solve(REMATCH)
    one.want(NOW)
    one.start("c", "in", NOW)
    seen = one.wanted
    one.want(NOW)
    assert one.state == SOLVING
    one.finish_run(seen, NOW)
    assert (one.state, one.due_at) == (REQUESTED, NOW)
    one.start("d", "in", NOW)
    one.finish_run(one.wanted, NOW)
    assert (one.state, one.due_at, one.progress) == (READY, None, 1.0)


def test_whoever_asked_is_told_after_a_minute() -> None:
    assert not solve().took_long(NOW + LONG / 2)
    assert solve().took_long(NOW + LONG)
