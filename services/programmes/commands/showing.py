"""Reading the present proposal, or what became of the request for it."""

from dataclasses import replace

from chassis.facts import Refusal
from chassis.mongo import Document, Documents
from services.programmes import store
from services.programmes.commands.inputs import read_inputs
from services.programmes.model.access import Standing
from services.programmes.model.programme import BEFORE_PUBLICATION, CHALLENGE
from services.programmes.model.solves import FAILED, INFEASIBLE, Solve
from services.programmes.model.teampairs import parted
from services.programmes.model.teamwork import Teamwork
from services.programmes.views.challenges import teams_view
from services.programmes.views.proposals import apart_views, conflict_views, pairs_view, ready_view, solving_view

RETRY_FAILED_S = 30


def show_proposal(database: Documents, latest: Solve | None, standing: Standing, language: str) -> Document:
    """How far the solver is with the ``latest`` request, or else the present proposal.

    ``latest`` is read before ``standing``, so that the programme knows the proposal of a request that is finished.
    Raises ``infeasible`` with the ``conflicts`` of the last request while what it was asked with still holds,
    ``unavailable`` if the solver failed, and ``proposal-missing``.
    """
    programme = standing.programme
    if latest and latest.unfinished:
        return solving_view(latest)
    if latest and latest.state == FAILED:
        raise Refusal("unavailable", "The solver failed. Ask for a proposal again.", retry_after=RETRY_FAILED_S)
    now = read_inputs(database, programme)
    if latest and latest.state == INFEASIBLE and latest.inputs == now.digest:
        detail = "Some rules cannot hold together. Give up one of each set in conflicts."
        raise Refusal("infeasible", detail, extra={"conflicts": conflict_views(latest.conflicts, now.people, language)})
    proposal = store.find_proposal(database, programme.proposal)
    if proposal is None:
        raise Refusal("proposal-missing", "Ask for a proposal first.")
    stale = programme.state in BEFORE_PUBLICATION and proposal.is_stale(now.fingerprint, now.marks)
    if programme.kind != CHALLENGE:
        return ready_view(proposal, stale=stale) | pairs_view(proposal, now.people, now.marks, language)
    work = store.teamwork_of(database, programme.id) or Teamwork(())
    view = ready_view(proposal, stale=stale)
    if programme.state in BEFORE_PUBLICATION:  # shown as it would be published
        together, apart = parted(proposal.pairs, work.teams)
        view |= pairs_view(replace(proposal, pairs=together), now.people, now.marks, language)
        view["unpaired"] += apart_views(together, apart, now.people, language)
    else:
        view |= pairs_view(proposal, now.people, now.marks, language)
    formed = teams_view(work, {one.id: one for one in now.people}, standing)
    return view | {"teams": formed["items"], "left_out": formed["left_out"], "aims": formed["aims"]}
