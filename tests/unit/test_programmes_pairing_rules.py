"""Who may never be paired, what stays on a solution again, and a second solver on larger programmes."""

import random
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise, permutations

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from contracts import vocabulary
from services.programmes.model.pairing import Person, Problem, Proposal, person_of, problem_of, solve
from services.programmes.model.pairing.board import board_of
from services.programmes.model.pairing.cover import ALONE, first_short
from services.programmes.model.participants import LEFT, Participant
from services.programmes.model.programme import Rules

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def mentor(id: str, **fields: object) -> Person:
    return Person(id, id.upper(), "mentor", **fields)  # type: ignore[arg-type]


def mentee(id: str, **fields: object) -> Person:
    return Person(id, id.upper(), "mentee", **fields)  # type: ignore[arg-type]


def couples(proposal: Proposal) -> set[tuple[str, str]]:
    return {(pair.mentor, pair.mentee) for pair in proposal.pairs}


def pairs(*people: Person, **rules: object) -> set[tuple[str, str]]:
    return couples(solve(Problem(people, Rules(**rules))))  # type: ignore[arg-type]


# Hard rules.

CHIEFS = [mentor("boss", manager_ref="TOP"), mentee("one", manager_ref="BOSS"), mentee("two", manager_ref="ONE")]


def test_nobody_is_paired_with_their_line_at_any_depth():
    assert pairs(*CHIEFS, mentee("three", manager_ref="TWO"), cover="both") == set()
    assert len(pairs(*CHIEFS, same_chain=True, same_team=True)) == 1


def test_line_holds_in_both_directions():
    assert pairs(mentee("boss"), mentor("mid", manager_ref="BOSS"), mentor("low", manager_ref="MID")) == set()


def test_line_passes_through_everybody_enrolled():
    assert pairs(mentor("a", manager_ref="B"), mentor("b", manager_ref="C"), mentee("c")) == set()


def test_managers_in_a_circle_are_one_line():
    circle = [mentor("a", manager_ref="B"), mentee("b", manager_ref="C"), mentee("c", manager_ref="A")]
    assert pairs(*circle) == set()
    assert len(pairs(mentor("a", manager_ref="A"), mentee("b", manager_ref="B"))) == 1


def test_manager_who_is_not_enrolled_keeps_only_the_team_apart():
    assert pairs(mentor("a", manager_ref="X"), mentee("b", manager_ref="X")) == set()
    assert len(pairs(mentor("a", manager_ref="X"), mentee("b", manager_ref="Y"))) == 1
    assert len(pairs(mentor("a", manager_ref="X", team="IT"), mentee("b", manager_ref="X", team="Law"))) == 1


@pytest.mark.parametrize(("ours", "theirs", "paired"), [("IT", " it", 0), ("IT", "Law", 1), ("", "", 1)])
def test_nobody_is_paired_in_their_team(ours, theirs, paired):
    people = mentor("a", organisation="Axa", team=ours), mentee("b", organisation="AXA S.A.", team=theirs)
    assert len(pairs(*people)) == paired
    assert len(pairs(*people, same_team=True)) == 1


def test_same_team_name_in_another_company_is_another_team():
    assert len(pairs(mentor("a", organisation="Axa", team="IT"), mentee("b", organisation="Engie", team="IT"))) == 1


def test_companies_are_compared_without_legal_form():
    people = mentor("a", organisation="Nestlé Waters"), mentee("b", organisation="NESTLE WATERS S.A.S.")
    assert pairs(*people, cross_company=True) == set()
    assert len(pairs(*people)) == 1


def test_stated_languages_must_meet():
    assert pairs(mentor("a", languages=("fr",)), mentee("b", languages=("en",))) == set()
    assert len(pairs(mentor("a", languages=("fr",)), mentee("b"))) == 1


def test_forbidden_and_earlier_pairs_stay_apart():
    people, apart = (mentor("a"), mentee("b")), frozenset({("a", "b")})
    assert couples(solve(Problem(people, forbidden=apart))) == set()
    assert couples(solve(Problem(people, before=apart))) == set()


def test_own_capacity_replaces_the_common_one():
    three = [mentee("x"), mentee("y"), mentee("z")]
    assert len(pairs(mentor("a"), *three)) == 1
    assert len(pairs(mentor("a"), *three, capacity=2)) == 2
    assert len(pairs(mentor("a", capacity=3), *three)) == 3
    assert pairs(mentor("a", capacity=0), *three, capacity=9) == set()


def test_places_that_are_left_cover_the_other_side():
    people = [mentor("a"), mentee("x"), mentee("y")]
    assert len(pairs(*people, cover="mentors", capacity=2)) == 2
    assert len(pairs(*people, cover="mentors", capacity=1)) == 1


# Locked pairs, and solving again.


def test_locked_pair_stays_even_when_it_fits_badly():
    people = (mentor("a", offers=("crm",)), mentor("b"), mentee("x", wants=("crm",)), mentee("y"))
    assert ("b", "x") in couples(solve(Problem(people, locked=frozenset({("b", "x")}))))


def test_couples_with_strangers_are_ignored():
    strange = frozenset({("gone", "x"), ("a", "gone")})
    problem = Problem((mentor("a"), mentee("x")), locked=strange, forbidden=strange, before=strange, current=strange)
    proposal = solve(problem)
    assert couples(proposal) == {("a", "x")}
    assert (set(proposal.added), set(proposal.removed)) == ({("a", "x")}, strange)


def test_first_solution_has_no_changes():
    proposal = solve(Problem((mentor("a"), mentee("x"))))
    assert (proposal.added, proposal.removed) == ((), ())


@pytest.mark.parametrize("seed", range(3))
def test_forbidding_one_pair_changes_as_few_as_possible(seed):
    problem = crowd(7, 7, seed=seed)
    problem = replace(problem, people=tuple(replace(one, capacity=1) for one in problem.people))
    first = couples(solve(problem))
    assert len(first) >= 5
    for banned in sorted(first):
        changed = replace(problem, forbidden=frozenset({banned}), current=frozenset(first))
        board, again = board_of(changed), solve(changed)
        kept, allowed = set(board.cells(first)), board.allowed
        best = max(
            (len(chosen), len(kept & chosen))
            for order in permutations(range(7))
            if (chosen := {cell for cell in enumerate(order) if allowed[cell]})
        )
        assert (len(again.pairs), len(first) - len(again.removed)) == best


def test_conflicts_of_locks_leave_no_pairs():
    people = (mentor("a"), mentee("x"), mentee("y"))
    proposal = solve(Problem(people, locked=frozenset({("a", "x"), ("a", "y")}), forbidden=frozenset({("a", "x")})))
    assert proposal.pairs == ()
    assert [[one.code for one in conflict.demands] for conflict in proposal.conflicts] == [
        ["lock", "forbidden"],
        ["lock", "lock", "capacity"],
    ]


def test_old_pair_that_nobody_needs_stays_while_possible():
    people, old = (mentor("a"), mentor("b"), mentee("x"), mentee("y")), {("a", "x"), ("b", "y"), ("a", "y")}
    problem = Problem(people, Rules(cover="both", capacity=2, mentee_capacity=2), current=frozenset(old))
    assert couples(solve(problem)) == old
    alone = replace(problem, rules=Rules(cover="both", capacity=2, mentee_capacity=1))
    assert len(couples(solve(alone))) == 2


def test_conflict_needs_only_one_lock_too_many():
    people = (mentor("a"), mentee("x"), mentee("y"), mentee("z"))
    locked = frozenset({("a", "x"), ("a", "y"), ("a", "z")})
    conflict = solve(Problem(people, locked=locked)).conflicts[0]
    assert [one.code for one in conflict.demands] == ["lock", "lock", "capacity"]


def test_second_best_is_somebody_else():
    people = (mentor("a", offers=("crm",)), mentor("b", offers=("hubspot",)), mentor("c"), mentee("x", wants=("crm",)))
    pair = solve(Problem(people)).pairs[0]
    assert pair.second_best
    assert (pair.mentor, pair.second_best.mentor, pair.second_best.free) == ("a", "b", True)
    assert solve(Problem(people[2:])).pairs[0].second_best is None


def test_half_days_count_twice_and_languages_once():
    days, spoken = ("mon-am", "tue-am", "wed-am"), ("fr", "en")
    score = {
        (n, m): solve(
            Problem(
                (
                    mentor("a", availability=days, languages=spoken),
                    mentee("x", availability=("fri-am", *days[:n]), languages=spoken[:m]),
                )
            )
        )
        .pairs[0]
        .score
        for n in range(4)
        for m in (1, 2)
    }
    assert score[0, 1] < score[1, 1] < score[2, 1] == score[3, 1]
    assert all(score[n, 1] == score[n, 2] for n in range(4))


# Whoever has no pair.


def changes(problem: Problem, id: str) -> set[str]:
    return {change.code for one in solve(problem).unpaired if one.person == id for change in one.changes}


def test_locked_pair_may_be_unlocked_but_moves_for_nothing_else():
    people = (mentor("a", languages=("fr",)), mentor("b"), mentee("x"), mentee("y", languages=("fr",)))
    problem = Problem(people, locked=frozenset({("a", "x")}), before=frozenset({("b", "y")}))
    assert changes(problem, "y") == {"capacity", "unlock"}
    other = tuple(replace(one, languages=("en",)) if one.id == "y" else one for one in people)
    assert changes(replace(problem, people=other), "y") == set()


def test_side_that_must_be_covered_moves_for_nobody_else():
    people = (mentor("a", languages=("en",)), mentor("b"), mentor("c"), mentee("x", languages=("fr",)))
    problem = Problem(
        (*people, mentee("y", capacity=2)),
        locked=frozenset({("c", "y")}),
        before=frozenset({("a", "y")}),
    )
    assert couples(solve(problem)) == {("b", "x"), ("c", "y")}
    assert changes(problem, "a") == set()


def test_many_rules_are_reduced_to_the_one_that_matters():
    ours = [mentor(f"m{n}", organisation="Axa", capacity=3, team="IT") for n in range(16)]
    people = (*ours, mentee("x", organisation="Axa", team="Law"), mentee("y", organisation="Engie", team="IT"))
    shortage = solve(Problem(people, Rules(cross_company=True))).shortages[0]
    assert [(one.code, one.people) for one in shortage.demands] == [("cover", ("x",)), ("company", ())]


def test_places_are_given_once():
    columns_of, allowed = np.array([ALONE, ALONE, ALONE]), np.array([[True, False], [True, False], [True, True]])
    assert first_short(columns_of, allowed, np.array([2, 1]), [0, 1, 2]) == []
    assert columns_of.tolist() == [0, 0, 1]
    columns_of = np.array([ALONE, ALONE, 0])
    assert first_short(columns_of, allowed, np.array([1, 1]), [0, 1]) == [0, 1]
    assert columns_of.tolist() == [0, ALONE, 1]


def test_progress_grows_from_zero_to_one():
    told: list[float] = []
    solve(crowd(30, 30, seed=1), progress=told.append)
    assert told[0] == 0
    assert told[-1] == 1
    assert all(0 <= first <= second <= 1 for first, second in pairwise(told))


def test_only_active_participants_are_paired():
    one = Participant("p1", "g", "R1", "Paul", "p@x.example", "mentor", NOW, wants=["crm"], capacity=2)
    gone = Participant("p2", "g", "R2", "Anne", "a@x.example", "mentee", NOW, state=LEFT)
    problem = problem_of([one, gone], Rules(), forbidden=[("p1", "p2")])
    assert problem.people == (person_of(one),)
    assert problem.people[0] == Person("p1", "R1", "mentor", wants=("crm",), capacity=2)


# A second solver.


def crowd(mentors: int, mentees: int, *, seed: int) -> Problem:
    chance = random.Random(seed)
    skills, companies = list(vocabulary.SKILLS), ["Axa", "Colas", "Engie", "Saint-Gobain"]
    people = [
        Person(
            f"{side}{number}",
            f"{side}{number}",
            side,
            organisation=chance.choice(companies),
            team=chance.choice(["IT", "Law", "Sales", ""]),
            manager_ref=chance.choice(["", "", f"mentee{chance.randrange(mentees)}"]),
            offers=tuple(chance.sample(skills, 4)),
            wants=tuple(chance.sample(skills, 3)),
            languages=tuple(chance.sample(["fr", "en"], chance.choice([1, 2]))),
            capacity=chance.choice([None, None, 1, 2]),
        )
        for side, many in (("mentor", mentors), ("mentee", mentees))
        for number in range(many)
    ]
    return Problem(tuple(people))


@pytest.mark.parametrize("cover", ["mentees", "both"])
@pytest.mark.parametrize(("mentors", "mentees"), [(25, 25), (15, 30), (30, 20)])
def test_integer_programming_finds_no_better_solution(cover, mentors, mentees):
    """Levels one after another: most people, fewest pairs, best worst fit, largest sum."""
    rules = Rules(cover=cover, cross_company=True, mentee_capacity=2 if cover == "both" else 1)
    problem = replace(crowd(mentors, mentees, seed=mentors), rules=rules)
    if cover == "mentees":  # the pairs for the other side are not part of this order of goals
        people = (replace(one, capacity=1) if one.side == "mentee" else one for one in problem.people)
        problem = replace(problem, people=tuple(people))
    board = board_of(problem)
    cells = board.cells(couples(solve(problem)))
    fits = [int(board.fits[cell]) for cell in cells]
    axes = (1,) if cover == "mentees" else (0, 1)
    ours = (sum(len({cell[axis] for cell in cells}) for axis in axes), len(cells), min(fits), sum(fits))
    assert ours == by_integer_programming(board, axes)


def by_integer_programming(board, axes):
    """One variable for each allowed pair and each person; goals are fixed one after another."""
    rows, columns = board.allowed.nonzero()
    fits, n = board.fits[rows, columns].astype(float), len(rows)
    limits, covered = [], 0
    for axis, places in enumerate((board.places, board.needs)):
        member = coo_array((np.ones(n), ((rows, columns)[axis], np.arange(n))), (len(places), n)).toarray()
        many = len(places) if axis in axes else 0
        shift = np.zeros((len(places), len(board.mentors) + len(board.mentees)))
        limits.append(LinearConstraint(np.hstack([member, shift]), -np.inf, places))
        if many:
            person = np.eye(len(places), shift.shape[1], covered)
            limits.append(LinearConstraint(np.hstack([member, -person]), 0, np.inf))
        covered += many
    width = n + len(board.mentors) + len(board.mentees)
    person_goal = np.concatenate([np.zeros(n), np.ones(covered), np.zeros(width - n - covered)])
    pair_goal = np.concatenate([np.ones(n), np.zeros(width - n)])

    def best(goal: np.ndarray, floor: float, *fixed: LinearConstraint) -> int | None:
        upper = np.concatenate([fits >= floor, np.ones(width - n)])
        found = milp(-goal, integrality=np.ones(width), bounds=Bounds(0, upper), constraints=[*limits, *fixed])
        return None if found.x is None else round(-found.fun)

    people = best(person_goal, 0)
    all_people = LinearConstraint(person_goal, people, people)
    fewest = -(best(-pair_goal, 0, all_people) or 0)
    few_pairs = LinearConstraint(pair_goal, fewest, fewest)
    floors = sorted(set(fits))
    low, high = 0, len(floors) - 1
    while low < high:
        middle = (low + high + 1) // 2
        feasible = best(pair_goal, floors[middle], all_people, few_pairs) is not None
        low, high = (middle, high) if feasible else (low, middle - 1)
    total = best(np.concatenate([fits, np.zeros(width - n)]), floors[low], all_people, few_pairs)
    return people, fewest, int(floors[low]), total
