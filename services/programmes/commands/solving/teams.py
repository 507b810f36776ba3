"""A proposal of teams for challenges."""

from chassis.unit import Unit
from services.programmes import store
from services.programmes.commands.inputs import read_inputs
from services.programmes.commands.solving.keeping import announce, fresh_inputs
from services.programmes.commands.solving.work import Gathered, Progress, Run, Work
from services.programmes.commands.teams import keep_teams
from services.programmes.config import Config
from services.programmes.model.programme import ENROLLING, PROPOSED, Programme
from services.programmes.model.proposal import Proposal
from services.programmes.model.teams import Formation
from services.programmes.model.teamwork import Forming, forming


def gather(unit: Unit, programme: Programme, _config: Config) -> Gathered:
    """The people with their wishes, and the challenges."""
    inputs = read_inputs(unit, programme)
    problem = forming(programme, inputs.people, inputs.challenges)
    return Gathered(problem, inputs.digest, len(problem.candidates))


def find_teams(problem: Forming, progress: Progress) -> Formation:
    """The optimal teams."""
    progress(0.0)
    return problem.solve()


def keep(unit: Unit, run: Run, _config: Config) -> None:
    """Stores the teams instead of those before."""
    inputs = fresh_inputs(unit, run)
    if inputs is None:
        return
    work = keep_teams(unit, run.programme, run.result)
    store.replace_proposal(unit, Proposal(run.solve.id, run.programme.id, inputs, unit.now, ()))
    announce(unit, run, inputs, found=len(work.teams), left=len(work.left_out))


WORK = Work((ENROLLING, PROPOSED), gather, find_teams, keep)
