"""New partners for people whose pair ended."""

from dataclasses import replace

from chassis.unit import Unit
from services.programmes import store
from services.programmes.commands.solving.pairing import apart_couples, find_pairs, inform
from services.programmes.commands.solving.work import Gathered, Run, Work
from services.programmes.commands.telling import tell
from services.programmes.config import Config
from services.programmes.model.programme import CHALLENGE, UNDER_WAY, Programme
from services.programmes.model.rematching import new_pairs, outcome, problem_for
from services.programmes.model.teampairs import across, not_in_one_team


def gather(unit: Unit, programme: Programme, config: Config) -> Gathered:
    """Everybody with room for a partner. Pairs under way are not part of the problem, so none of them changes."""
    people = [one for one in store.participants_of(unit, programme.id) if one.active]
    apart = apart_couples(unit, programme, people, config)
    apart |= {mark.couple for mark in store.marks_of(unit, programme.id) if mark.forbidden}
    rules = programme.rules
    if programme.kind == CHALLENGE:
        rules, apart = across(rules), apart | set(not_in_one_team(people))
    problem = problem_for(rules, people, store.pairs_of(unit, programme.id), apart)
    return Gathered(problem, "", problem.people)


def keep(unit: Unit, run: Run, config: Config) -> None:
    """Publishes the pairs found to their people, tells who stays without, and settles the pairs that had ended.

    If more pairs have ended meanwhile, another run settles them all.
    """
    programme, solve = run.programme, run.solve
    people, pairs = store.participants_of(unit, programme.id), store.pairs_of(unit, programme.id)
    ended = [pair for pair in pairs if pair.unsettled] if solve.wanted == run.seen else []
    made = new_pairs(programme, run.result.pairs, people, pairs, unit.now)
    store.add_pairs(unit, made)
    told = outcome(made, pairs, ended, people)
    for pair in ended:
        store.save_pair(unit, replace(pair, unsettled=False))
    solve.finish_run(run.seen, unit.now)
    store.save_solve(unit, solve)
    if told.notices:
        store.save_programme(unit, programme, tell(unit, programme, told.notices))


WORK = Work(UNDER_WAY, gather, inform, find_pairs, keep)
