"""A proposal of teams for challenges, with pairs inside the teams."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from chassis.unit import Unit
from services.programmes import store
from services.programmes.commands.inputs import read_inputs
from services.programmes.commands.solving.keeping import announce, fresh_inputs
from services.programmes.commands.solving.pairing import apart_couples
from services.programmes.commands.solving.work import Gathered, Progress, Run, Work
from services.programmes.commands.teams import keep_teams
from services.programmes.config import Config
from services.programmes.model.pairing import Paired, person_of
from services.programmes.model.pairing.problem import Seen
from services.programmes.model.programme import ENROLLING, PROPOSED, Programme
from services.programmes.model.proposal import Proposal
from services.programmes.model.teampairs import Couples
from services.programmes.model.teams import Formation
from services.programmes.model.teamwork import Forming, forming


@dataclass(frozen=True)
class Wanted:
    """What has to be solved: teams first, then pairs in them."""

    forming: Forming
    couples: Couples


@dataclass(frozen=True)
class Found:
    """The teams and the pairs in them."""

    formation: Formation
    pairs: tuple[Paired, ...]


def gather(unit: Unit, programme: Programme, config: Config) -> Gathered:
    """The people with their wishes, the challenges, and who must not be paired."""
    inputs = read_inputs(unit, programme)
    people = {one.id: one for one in inputs.active}
    apart = apart_couples(unit, programme, inputs.active, config)
    apart |= {mark.couple for mark in inputs.marks if mark.forbidden}
    wanted = Wanted(
        forming(programme, inputs.people, inputs.challenges), Couples(people, programme.rules, frozenset(apart))
    )
    return Gathered(wanted, inputs.digest, [person_of(one) for one in inputs.active])


def inform(wanted: Wanted, seen: Mapping[str, Seen]) -> Wanted:
    """What has to be solved, with what people's texts say."""
    return replace(wanted, couples=replace(wanted.couples, seen=seen))


def find_teams(wanted: Wanted, progress: Progress) -> Found:
    """The optimal teams, and the optimal pairs in each."""
    progress(0.0)
    found = wanted.forming.solve()
    progress(0.8)
    return Found(found, wanted.couples.within(found))


def keep(unit: Unit, run: Run, _config: Config) -> None:
    """Stores the teams instead of those before."""
    inputs, found = fresh_inputs(unit, run), run.result
    if inputs is None:
        return
    work = keep_teams(unit, run.programme, found.formation)
    store.replace_proposal(unit, Proposal(run.solve.id, run.programme.id, inputs, unit.now, found.pairs))
    announce(unit, run, inputs, found=len(work.teams), left=len(work.left_out))


WORK = Work((ENROLLING, PROPOSED), gather, inform, find_teams, keep)
