"""Publication: everybody is told of their pair at once, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chassis.facts import Refusal
from chassis.http.auth import Actor
from chassis.mongo import Document
from chassis.unit import Unit
from contracts.facts import ProgrammePublished
from services.programmes import store
from services.programmes.commands.inputs import read_inputs
from services.programmes.commands.teams import publish_teams
from services.programmes.commands.telling import store_messages
from services.programmes.model.messages import Message, request
from services.programmes.model.participants import Participant
from services.programmes.model.programme import BEFORE_PUBLICATION, CHALLENGE, PAIRING, Programme
from services.programmes.model.proposal import Proposal
from services.programmes.model.publication import announcements, check_covered, of_pairs, publish_programme
from services.programmes.model.solves import INFEASIBLE
from services.programmes.model.teampairs import parted
from services.programmes.model.teamwork import Teamwork
from services.programmes.views.proposals import conflict_views


def publish(unit: Unit, actor: Actor, programme_id: str, *, with_unpaired: bool) -> Document:
    """Publishes the proposal; returns the numbers of pairs and of people without one.

    Raises, in this order, ``wrong-state``, ``infeasible`` if the rules cannot all hold, ``proposal-missing``,
    ``proposal-stale``, and ``infeasible`` if somebody who must have a partner has none, unless ``with_unpaired``.
    """
    programme = store.my_programme(unit, programme_id, actor)
    programme.check_state(*BEFORE_PUBLICATION)
    now, latest = read_inputs(unit, programme), store.latest_solve(unit, programme_id)
    if latest and latest.state == INFEASIBLE and latest.inputs == now.digest:
        raise Refusal("infeasible", "The rules cannot all hold. Read the proposal to see which.")
    proposal = store.find_proposal(unit, programme.proposal)
    if proposal is None:
        raise Refusal("proposal-missing", "Ask for a proposal first.")
    if proposal.is_stale(now.fingerprint, now.marks) or (latest and latest.unfinished):
        raise Refusal("proposal-stale", "People, rules or marks have changed. Ask for a proposal again.")
    found = PUBLISHERS[programme.kind](unit, programme, proposal, now.active, with_unpaired)
    requested = request(found.messages)
    store.begin_progress(unit, programme_id, unit.now)
    store.save_programme(unit, programme, [ProgrammePublished(participants=len(now.active)), *requested])
    return {
        "id": programme_id,
        "state": programme.state,
        "pairs": found.pairs,
        "unpaired": found.unpaired,
        "teams": found.teams,
        "version": programme.version + 1 + len(requested),
    }


@dataclass(frozen=True)
class Published:
    """The messages of a publication, how many pairs and teams it has, and how many people are without one."""

    messages: Sequence[Message]
    pairs: int
    unpaired: int
    teams: int = 0


def _publish_pairs(
    unit: Unit, programme: Programme, proposal: Proposal, people: Sequence[Participant], with_unpaired: bool
) -> Published:
    if not with_unpaired:
        conflicts = conflict_views(proposal.shortages, people, programme.language)
        check_covered(proposal.uncovered(programme.rules, people), conflicts)
    pairs = publish_programme(programme, proposal, unit.now)
    store.add_pairs(unit, pairs)
    messages = store_messages(unit, programme, announcements(pairs, people))
    paired = {one for pair in pairs for one in (pair.mentor, pair.mentee)}
    return Published(messages, len(pairs), len(people) - len(paired))


def _publish_teams(
    unit: Unit, programme: Programme, proposal: Proposal, people: Sequence[Participant], with_unpaired: bool
) -> Published:
    work = store.teamwork_of(unit, programme.id) or Teamwork(())
    left = {one["participant"] for one in work.left_out}
    if not with_unpaired:
        check_covered([one for one in people if one.id in left])
    together, _apart = parted(proposal.pairs, work.teams)
    pairs = publish_programme(programme, replace(proposal, pairs=together), unit.now)
    store.add_pairs(unit, pairs)
    messages = [*publish_teams(unit, programme), *store_messages(unit, programme, of_pairs(pairs, people))]
    return Published(messages, len(pairs), len(left), len(work.teams))


PUBLISHERS = {PAIRING: _publish_pairs, CHALLENGE: _publish_teams}
