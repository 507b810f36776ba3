"""Keeping the teams of a proposal, publishing them, and moving people by hand."""

from collections.abc import Sequence

from chassis.facts import not_found
from chassis.http.auth import Actor
from chassis.ids import new_id
from chassis.mongo import Document
from chassis.unit import Unit
from services.programmes import store
from services.programmes.model import teamwork as model
from services.programmes.model.assessment import START
from services.programmes.model.messages import Message, request
from services.programmes.model.participants import Participant
from services.programmes.model.programme import Programme
from services.programmes.model.teams import Formation
from services.programmes.views.challenges import teams_view


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
    messages += _asked(unit, [one for one in people if one.active and one.id in members])
    store.add_messages(unit, messages)
    return messages


def move_person(unit: Unit, actor: Actor, programme_id: str, team_id: str, ref: str) -> Document:
    """Puts somebody into a team by hand; once teams are published they are told. Returns all teams."""
    standing = store.standing(unit, programme_id, actor)
    standing.check_runs()
    person, programme = store.participant_by_ref(unit, programme_id, ref), standing.programme
    if person is None:
        raise not_found()
    people = store.participants_of(unit, programme_id)
    before = store.teamwork_of(unit, programme_id) or model.Teamwork(())
    work = model.moved(before, programme, team_id, person, people)
    team = next(one for one in work.teams if one.id == team_id)
    if team not in before.teams:
        store.replace_teamwork(unit, programme_id, work)
        if team.published:
            _tell(unit, team, person)
    return teams_view(store.teamwork_of(unit, programme_id) or work, {one.id: one for one in people}, standing)


def _tell(unit: Unit, team: model.Team, person: Participant) -> None:
    newcomer = person.team_id is None
    person.challenge, person.team_id = team.challenge, team.id
    messages = [model.of_team(new_id(), team, person, unit.now), *(_asked(unit, [person]) if newcomer else [])]
    store.add_messages(unit, messages)
    store.save_participant(unit, person, request(messages))


def _asked(unit: Unit, people: Sequence[Participant]) -> list[Message]:
    """The messages that ask for the self-assessment of those who have not answered yet."""
    data = {"moment": START}
    return [
        Message(new_id(), one.programme, "assessment", unit.now, participant=one.id, data=data)
        for one in people
        if START not in one.assessments
    ]
