"""Keeping the teams of a proposal, and publishing them."""

from chassis.ids import new_id
from chassis.unit import Unit
from services.programmes import store
from services.programmes.model import teamwork as model
from services.programmes.model.assessment import START
from services.programmes.model.messages import Message
from services.programmes.model.programme import Programme
from services.programmes.model.teams import Formation


def keep_teams(unit: Unit, programme: Programme, found: Formation) -> model.Teamwork:
    """Stores the teams of a solution instead of those before; nobody but those who run it sees them yet."""
    work = model.teamwork(programme, found, [new_id() for _ in found.teams], unit.now)
    store.replace_teamwork(unit, programme.id, work)
    return work


def publish_teams(unit: Unit, programme: Programme) -> list[Message]:
    """Publishes the teams and stores a message for everybody; the caller requests them from notify.

    Members who have not answered yet are asked for their self-assessment, too.
    """
    work = store.teamwork_of(unit, programme.id) or model.Teamwork(())
    store.publish_teams(unit, programme.id, work)
    people = store.participants_of(unit, programme.id)
    messages = model.announcements(work, people, [new_id() for _ in people], unit.now)
    members = {member for team in work.teams for member in team.members}
    asked = [one.id for one in people if one.active and one.id in members and START not in one.assessments]
    data = {"moment": START}
    messages += [
        Message(new_id(), programme.id, "assessment", unit.now, participant=one, data=data) for one in asked
    ]
    store.add_messages(unit, messages)
    return messages
