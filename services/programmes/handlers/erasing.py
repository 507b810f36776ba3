"""Erases a person's data when accounts asks for it, and everybody's some time after a programme's end."""

from chassis.erasure import confirm
from chassis.events import Event
from chassis.http.commands import forget_answers
from chassis.unit import Unit
from contracts.facts import ErasureDone
from services.programmes import store
from services.programmes.commands import erasing as commands
from services.programmes.config import Config
from services.programmes.model.programme import CLOSED


def erase_person(event: Event, unit: Unit, config: Config) -> None:
    """account.erased: deletes what this service holds of the person; their programmes go on with colleagues."""
    account = event.subject
    for participant in store.participants_with_account(unit, account):
        programme = store.find_programme(unit, participant.programme)
        if programme is not None:
            commands.erase_participant(unit, programme, participant, config)
    for programme in store.programmes_owned_by(unit, account):
        commands.hand_over(unit, programme)
    store.erase_account(unit, account)
    forget_answers(unit, account)
    confirm(unit, account, [ErasureDone(service="programmes")])


def erase_closed_programme(unit: Unit, programme_id: str, _config: Config) -> None:
    """The deadline of a closed programme: deletes the data of everybody who took part."""
    programme = store.find_programme(unit, programme_id)
    if programme is None or programme.due_at is None or programme.due_at > unit.now or programme.state != CLOSED:
        return
    commands.erase_everybody(unit, programme)
