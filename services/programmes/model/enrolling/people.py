"""From a checked candidate to a participant, and back for corrections."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from chassis.facts import Refusal
from services.programmes.model.access import Standing
from services.programmes.model.enrolling.candidates import Candidate
from services.programmes.model.enrolling.fields import Expected
from services.programmes.model.enrolling.relations import Enrolled
from services.programmes.model.enrolling.rows import Cell, Row
from services.programmes.model.participants import ENROLLED, PAIRED_BY, Participant
from services.programmes.model.programme import Programme

MOST_PEOPLE = 10_000
"""People of one programme."""
_LISTS = ("offers", "wants", "languages", "availability")
_TEXTS = ("name", "email", "side", "organisation", "team", "about", "place", "timezone", "locale")


def participant_of(
    candidate: Candidate, id: str, programme: str, digest: str, now: datetime, **more: Any
) -> Participant:
    """The participant that a candidate becomes. ``more`` says by which way and by whom they are enrolled."""
    data: dict[str, Any] = {name: getattr(candidate, name) for name in (*_TEXTS, "capacity")}
    data |= {name: list(getattr(candidate, name)) for name in _LISTS}
    data |= {"manager_ref": candidate.manager, "email_digest": digest}
    return Participant(id, programme, candidate.ref, created_at=now, **data, **more)


def correct(participant: Participant, candidate: Candidate, digest: str) -> bool:
    """Stores corrected data in the participant; returns whether it is another address.

    At another address somebody else may read the mails: the person there has neither agreed nor signed in yet.
    """
    moved = digest != participant.email_digest
    for name in _TEXTS:
        setattr(participant, name, getattr(candidate, name))
    for name in _LISTS:
        setattr(participant, name, list(getattr(candidate, name)))
    participant.manager_ref, participant.capacity = candidate.manager, candidate.capacity
    participant.email_digest = digest
    if moved:
        participant.state, participant.agreed_at, participant.account = ENROLLED, None, None
    return moved


def row_of(participant: Participant, body: Mapping[str, Any]) -> Row:
    """The participant's data with corrections, as a row to be checked like that of a file."""
    cells: dict[str, Cell] = {name: getattr(participant, name) for name in ("ref", "manager_ref", *_TEXTS)}
    cells |= {name: tuple(getattr(participant, name)) for name in _LISTS}
    cells["capacity"] = _number(participant.capacity)
    for name, value in body.items():
        cells[name] = tuple(value) if isinstance(value, list) else _number(value)
    return Row(1, {name: cell for name, cell in cells.items() if cell})


def pairing_data(participant: Participant) -> tuple[Any, ...]:
    """What pairs and teams depend on: if it changes, a proposal is outdated."""
    return tuple(repr(getattr(participant, name)) for name in (*PAIRED_BY, "wished_challenge"))


def expected_of(standing: Standing) -> Expected:
    """What the programme says about the people whom this caller may enrol."""
    programme = standing.programme
    mine = "" if standing.runs else standing.organisation or ""
    return Expected(programme.language, tuple(programme.organisations), mine)


def enrolled_of(people: Sequence[Participant]) -> list[Enrolled]:
    """Participants as a file's people are compared with them."""
    return [Enrolled(one.ref, one.name, one.email, one.side, one.manager_ref) for one in people]


def check_number(people: int) -> None:
    """Raises ``too-many-participants`` if this many people are more than a programme holds."""
    if people > MOST_PEOPLE:
        raise Refusal("too-many-participants", f"A programme holds at most {MOST_PEOPLE} people.")


def open_to(programme: Programme, people: Sequence[Participant]) -> None:
    """Tells the programme that its people have changed, before its publication."""
    programme.people_changed(anybody=any(one.active for one in people))


def _number(value: object) -> str:
    return "" if value is None else str(value)
