"""Erases a person's data when accounts asks for it."""

from chassis.erasure import confirm
from chassis.events import Event
from chassis.http.commands import forget_answers
from chassis.unit import Unit
from contracts.facts import ErasureDone
from services.programmes import store
from services.programmes.config import Config


def erase_person(event: Event, unit: Unit, _config: Config) -> None:
    """account.erased: deletes what this service holds of the person as a participant."""
    store.dismiss_everywhere(unit, event.subject)
    store.erase_participants(unit, event.subject)
    forget_answers(unit, event.subject)
    confirm(unit, event.subject, [ErasureDone(service="programmes")])
