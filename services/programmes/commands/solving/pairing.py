"""A proposal of pairs."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from chassis.unit import Unit
from services.programmes import store
from services.programmes.commands.inputs import read_inputs
from services.programmes.commands.solving.keeping import announce, fresh_inputs
from services.programmes.commands.solving.work import Gathered, Progress, Run, Work
from services.programmes.config import Config
from services.programmes.model.ending import scopes_of
from services.programmes.model.pairing import Problem, Proposal, problem_of, solve
from services.programmes.model.pairing.problem import Seen
from services.programmes.model.participants import Participant
from services.programmes.model.programme import ENROLLING, PROPOSED, Programme
from services.programmes.model.proposal import Proposal as Kept
from services.programmes.model.proposal import changes_between
from services.programmes.model.solves import INFEASIBLE


def gather(unit: Unit, programme: Programme, config: Config) -> Gathered:
    """The people, the rules, the marks, and the present proposal, which is changed as little as possible."""
    inputs, current = read_inputs(unit, programme), store.find_proposal(unit, programme.proposal)
    problem = problem_of(
        inputs.people,
        programme.rules,
        locked=[mark.couple for mark in inputs.marks if mark.locked],
        forbidden=[mark.couple for mark in inputs.marks if mark.forbidden],
        before=apart_couples(unit, programme, inputs.active, config),
        current=current.couples if current else (),
    )
    return Gathered(problem, inputs.digest, problem.people)


def apart_couples(
    unit: Unit, programme: Programme, people: Sequence[Participant], config: Config
) -> set[tuple[str, str]]:
    """Who had each other in an earlier programme, or asked never to be paired again."""
    banned = store.banned_pairs(unit, config.blind_secret, scopes_of(programme), people)
    return store.earlier_couples(unit, programme, people) | banned


def inform(problem: Problem, seen: Mapping[str, Seen]) -> Problem:
    """The problem with what people's texts say."""
    return replace(problem, seen=seen)


def find_pairs(problem: Problem, progress: Progress) -> Proposal:
    """The optimal pairs."""
    return solve(problem, progress=progress)


def keep(unit: Unit, run: Run, _config: Config) -> None:
    """Stores a proposal instead of the one before; if the rules cannot all hold, only which of them."""
    programme, solve, found = run.programme, run.solve, run.result
    inputs = fresh_inputs(unit, run)
    if inputs is None:
        return
    if found.conflicts:
        solve.finish(INFEASIBLE, unit.now, found.conflicts)
        store.save_solve(unit, solve)
        return
    before = store.find_proposal(unit, programme.proposal)
    couples = [(pair.mentor, pair.mentee) for pair in found.pairs]
    changes = changes_between(before.couples, couples) if before else []
    kept = Kept(solve.id, programme.id, inputs, unit.now, found.pairs, found.unpaired, changes, found.shortages)
    store.replace_proposal(unit, kept)
    announce(unit, run, inputs, found=len(found.pairs), left=len(found.unpaired))


WORK = Work((ENROLLING, PROPOSED), gather, inform, find_pairs, keep)
