"""Erasing people: one participant, an account with all its parts, or everybody of a programme."""

from datetime import timedelta

from chassis.erasure import confirm
from chassis.http.auth import Actor
from chassis.http.commands import forget_answers
from chassis.mongo import Document
from chassis.unit import Unit
from contracts.facts import ProgrammeClosed
from services.programmes import store
from services.programmes.commands.endings import end_pairs_of
from services.programmes.commands.telling import tell
from services.programmes.config import Config
from services.programmes.model import ending
from services.programmes.model.enrolling.people import open_to
from services.programmes.model.notices import Notice
from services.programmes.model.participants import Participant
from services.programmes.model.programme import BEFORE_PUBLICATION, CLOSED, UNDER_WAY, Programme

FAREWELL = timedelta(days=3)
"""How long the people of a programme that nobody runs any more are kept, so that they can be told."""


def erase_me(unit: Unit, actor: Actor, programme_id: str, config: Config) -> Document:
    """Erases the caller as a participant. Raises ``not-found`` for somebody who is none."""
    standing = store.standing(unit, programme_id, actor)
    erase_participant(unit, standing.programme, standing.taking_part(), config)
    return {}


def erase_participant(unit: Unit, programme: Programme, participant: Participant, config: Config) -> None:
    """Ends the person's pairs and deletes their data."""
    if programme.state in UNDER_WAY:
        end_pairs_of(unit, programme, participant)
    delete_data(unit, programme, participant, config)
    if programme.state in BEFORE_PUBLICATION:
        open_to(programme, store.participants_of(unit, programme.id))
        store.save_programme(unit, programme)


def delete_data(unit: Unit, programme: Programme, participant: Participant, config: Config) -> None:
    """Deletes a participant's data everywhere in this service, and lets no pass of theirs do anything any more."""
    store.forget_bans(unit, config.blind_secret, ending.scopes_of(programme), participant.email)
    store.erase_person(unit, participant)
    forget_answers(unit, participant.id)
    confirm(unit, participant.id, [])


def hand_over(unit: Unit, programme: Programme) -> None:
    """The owner's account is erased: the longest-standing colleague takes their place, without anybody the programme
    ends. The contact is deleted, because it is usually the owner.
    """
    colleagues = store.members_of(unit, programme.organisation) if programme.organisation else []
    others = [one for one in colleagues if one != programme.owner]
    if others:
        programme.owner, programme.contact = others[0], None
        store.save_programme(unit, programme)
    else:
        wind_up(unit, programme)


def wind_up(unit: Unit, programme: Programme) -> None:
    """Closes a programme that nobody runs any more and tells its people, whose data go soon afterwards."""
    programme.owner, programme.organisation, programme.contact = "", None, None
    soon = unit.now + FAREWELL
    if programme.state == CLOSED:
        programme.due_at = min(programme.due_at, soon) if programme.due_at else None
        store.save_programme(unit, programme)
        return
    people = [one for one in store.participants_of(unit, programme.id) if one.active]
    programme.state, programme.closed_at, programme.due_at = CLOSED, unit.now, soon
    store.close_pairs(unit, programme.id, ending.CLOSED_AS, unit.now)
    notices = [Notice("programme-closed", one.id) for one in people]
    store.save_programme(unit, programme, [ProgrammeClosed(), *tell(unit, programme, notices)])


def erase_everybody(unit: Unit, programme: Programme) -> None:
    """Deletes the data of everybody in a closed programme, and its texts; its name and its published sums stay."""
    store.erase_everybody(unit, programme.id)
    programme.purpose, programme.contact, programme.organisers, programme.due_at = "", None, [], None
    store.save_programme(unit, programme)
