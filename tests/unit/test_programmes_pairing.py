"""The optimum against every possible solution on small cases, and what must hold on any case."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.programmes.model.pairing import Demand, Person, Problem, Proposal, applied, solve
from services.programmes.model.pairing.board import Board, board_of
from services.programmes.model.pairing.changes import LIFTED
from services.programmes.model.pairing.fitting import SCALE
from services.programmes.model.pairing.shortage import _Side
from services.programmes.model.programme import Rules

SKILLS = ["crm", "hubspot", "social-networks", "linkedin", "seo", "passwords"]


def couples(proposal: Proposal) -> frozenset[tuple[str, str]]:
    return frozenset((pair.mentor, pair.mentee) for pair in proposal.pairs)


@st.composite
def problems(draw: st.DrawFn, most: int = 4, **fixed: object) -> Problem:
    def person(side: str, number: int) -> Person:
        return Person(
            id=f"{side}-{number}-{draw(st.integers(0, 9))}",
            ref=f"{side[3]}{number}",
            side=side,
            organisation=draw(st.sampled_from(["Axa", "Engie", ""])),
            team=draw(st.sampled_from(["", "", "Sales", "IT"])),
            manager_ref=draw(st.sampled_from(["", "", "t0", "t1", "t2", "t3", "e0", "boss"])),
            offers=tuple(draw(st.lists(st.sampled_from(SKILLS), max_size=2))),
            wants=tuple(draw(st.lists(st.sampled_from(SKILLS), max_size=2))),
            languages=tuple(draw(st.sampled_from([(), (), ("fr",), ("en",), ("fr", "en")]))),
            capacity=draw(st.sampled_from([None, None, None, 0, 1, 2, 3])),
        )

    mentors = [person("mentor", number) for number in range(draw(st.integers(0, most)))]
    mentees = [person("mentee", number) for number in range(draw(st.integers(0, most)))]
    rules = Rules(
        cross_company=draw(st.booleans()),
        same_chain=draw(st.booleans()),
        same_team=draw(st.booleans()),
        capacity=draw(st.integers(1, 2)),
        mentee_capacity=draw(st.integers(1, 2)),
        cover=draw(st.sampled_from(["mentees", "mentors", "both"])),
    )
    every = [(a.id, b.id) for a in mentors for b in mentees]
    some = st.frozensets(st.sampled_from(every), max_size=2) if every else st.just(frozenset())
    given = {"forbidden": draw(some), "before": draw(some), "current": draw(some), "locked": frozenset(), **fixed}
    return Problem((*mentors, *mentees), rules, **given)  # type: ignore[arg-type]


def solutions(board: Board) -> Iterator[tuple[tuple[int, int], ...]]:
    """Every set of allowed pairs within the capacities."""
    cells = [(row, column) for row, column in zip(*board.allowed.nonzero(), strict=True)]
    for size in range(len(cells) + 1):
        for chosen in combinations(cells, size):
            rows, columns = (Counter(cell[axis] for cell in chosen) for axis in (0, 1))
            if all(n <= board.places[row] for row, n in rows.items()) and all(
                n <= board.needs[column] for column, n in columns.items()
            ):
                yield chosen


def goals(board: Board, chosen: tuple[tuple[int, int], ...], axes: tuple[int, ...]) -> tuple[float, ...]:
    """How good a solution is: the earlier a number, the more important."""
    kept = set(board.cells(board.problem.current))
    return (
        sum(len({cell[axis] for cell in chosen}) for axis in axes),
        -len(chosen),
        len(kept & set(chosen)),
        min((int(board.fits[cell]) for cell in chosen), default=0),
        sum(int(board.fits[cell]) for cell in chosen),
    )


def one_each(problem: Problem) -> Problem:
    """The problem with capacities of one, in which all solutions that cover most people have equally many pairs."""
    people = tuple(replace(one, capacity=None if one.capacity != 0 else 0) for one in problem.people)
    return replace(problem, people=people, rules=replace(problem.rules, capacity=1, mentee_capacity=1))


AXES = {"mentees": (1,), "mentors": (0,), "both": (0, 1)}


@settings(max_examples=150, deadline=None)
@given(problems(most=3, current=frozenset()) | problems(most=3).map(one_each))
def test_result_is_the_best_of_all_solutions(problem):
    board = board_of(problem)
    axes = AXES[problem.rules.cover]
    best = max(goals(board, chosen, axes) for chosen in solutions(board))
    cells = board.cells(couples(solve(problem)))
    if len(axes) == 2:
        assert goals(board, tuple(cells), axes) == best
    else:
        # Further pairs cover people of the other side; without them, what is left is the best for this side.
        first = [
            chosen
            for chosen in combinations(cells, min(len(cells), -int(best[1])))
            if goals(board, chosen, axes) == best
        ]
        assert first
        extra = set(cells) - set(first[0])
        other = Counter(cell[1 - axes[0]] for cell in cells)
        assert all(other[cell[1 - axes[0]]] == 1 for cell in extra)


@settings(max_examples=100, deadline=None)
@given(problems())
def test_second_solve_with_nothing_changed_changes_nothing(problem):
    first = solve(problem)
    again = solve(replace(problem, current=couples(first)))
    assert replace(again, added=(), removed=()) == replace(first, added=(), removed=())
    assert (again.added, again.removed) == ((), ())


@settings(max_examples=100, deadline=None)
@given(problems(), st.randoms(use_true_random=False))
def test_order_of_the_people_changes_nothing(problem, chance):
    assert solve(replace(problem, people=tuple(chance.sample(problem.people, len(problem.people))))) == solve(problem)


@settings(max_examples=100, deadline=None)
@given(problems(current=frozenset()))
def test_every_named_change_gives_somebody_more_a_pair(problem):
    proposal = solve(problem)
    before = couples(proposal)
    for one in proposal.unpaired:
        for change in one.changes:
            after = couples(solve(replace(applied(problem, change), current=before)))
            axis = ("mentor", "mentee").index(one.side)
            assert len({id for pair in after for id in pair}) > len({id for pair in before for id in pair})
            if one.must:
                assert len({pair[axis] for pair in after}) > len({pair[axis] for pair in before}), (one, change)


def test_scores_are_shares_with_four_decimals():
    people = (Person("a", "a", "mentor", offers=("crm",)), Person("b", "b", "mentee", wants=("CRM",)))
    pair = solve(Problem(people)).pairs[0]
    assert 0.5 < pair.score <= 1
    assert pair.score * SCALE == pytest.approx(round(pair.score * SCALE))


def without(problem: Problem, demands: tuple[Demand, ...]) -> Problem:
    """The problem if these demands of a shortage do not hold."""
    for one in demands:
        if one.code in LIFTED:
            problem = replace(problem, rules=replace(problem.rules, **LIFTED[one.code]))
        elif one.code == "forbidden":
            problem = replace(problem, forbidden=frozenset())
        elif one.code == "before":
            problem = replace(problem, before=frozenset())
        elif one.code == "language":
            problem = replace(problem, people=tuple(replace(person, languages=()) for person in problem.people))
        elif one.code == "lock":
            problem = replace(problem, locked=problem.locked - {one.people})
        elif one.people:
            people = (replace(one_, capacity=99) if one_.id in one.people else one_ for one_ in problem.people)
            problem = replace(problem, people=tuple(people))
        else:
            problem = replace(problem, rules=replace(problem.rules, capacity=99, mentee_capacity=99))
    return problem


def complete(problem: Problem, side: str) -> bool:
    axis = ("mentor", "mentee").index(side)
    return len({pair[axis] for pair in couples(solve(problem))}) == sum(one.side == side for one in problem.people)


@settings(max_examples=100, deadline=None)
@given(problems(), st.data())
def test_no_smaller_set_of_rules_explains_a_shortage(problem, data):
    problem = replace(problem, rules=replace(problem.rules, cover=data.draw(st.sampled_from(["mentees", "mentors"]))))
    locked = frozenset(sorted(couples(solve(problem)))[: data.draw(st.integers(0, 2))])
    problem, side = replace(problem, locked=locked, current=frozenset()), problem.sides[0]
    proposal = solve(problem)
    assert bool(proposal.shortages) == any(one.must for one in proposal.unpaired)
    for shortage in proposal.shortages:
        cover, *demands = shortage.demands
        assert cover.value == side
        every = _Side(board_of(problem), [], ("mentor", "mentee").index(side))._demands()
        others = tuple(one for one in every if one not in demands)
        assert not complete(without(problem, others), side)
        for smaller in combinations(every, len(demands) - 1) if demands else ():
            assert complete(without(problem, tuple(one for one in every if one not in smaller)), side)
