"""Enrolling people from a file, correcting their data and removing them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from chassis.facts import Fact, Refusal, not_found
from chassis.http.auth import Actor
from chassis.http.etags import ANY_VERSION, IfMatch
from chassis.ids import new_id
from chassis.mongo import Document
from chassis.unit import Unit
from services.programmes import store
from services.programmes.commands.endings import take_out
from services.programmes.commands.rematching import request_rematch
from services.programmes.commands.sparing import count, spared
from services.programmes.commands.telling import tell_people
from services.programmes.config import Config
from services.programmes.model.access import Standing
from services.programmes.model.challenges import wish_for
from services.programmes.model.enrolling.candidates import Candidate
from services.programmes.model.enrolling.checking import Read, check, read_fields
from services.programmes.model.enrolling.emails import email_digest
from services.programmes.model.enrolling.fields import Expected
from services.programmes.model.enrolling.people import (
    check_number,
    correct,
    enrolled_of,
    expected_of,
    open_to,
    pairing_data,
    participant_of,
    row_of,
)
from services.programmes.model.enrolling.problems import Problem
from services.programmes.model.enrolling.relations import OBJECTED, TOLD_OFTEN
from services.programmes.model.enrolling.rows import Rows
from services.programmes.model.participants import Participant
from services.programmes.model.programme import BEFORE_PUBLICATION, CLOSED, PAIRING, STATES, UNDER_WAY, Programme
from services.programmes.views.participants import enrolment_view, own_view, participant_view

NOT_CLOSED = tuple(state for state in STATES if state != CLOSED)


@dataclass(frozen=True)
class Wish:
    """How a file is to be taken: those who are right although others are wrong, or nobody, only checked."""

    partial: bool = False
    only_check: bool = False


def enrol(unit: Unit, actor: Actor, programme_id: str, read: Read, wish: Wish, config: Config) -> Document:
    """Enrols the people of a file and tells each of them; returns how many, and what was wrong with the others."""
    standing = store.standing(unit, programme_id, actor)
    standing.check_organises()
    programme = standing.programme
    programme.check_state(*BEFORE_PUBLICATION)
    digest = digests(config, programme_id)
    here = {digest(one.email) for one in read.candidates}
    people = store.participants_of(unit, programme_id)
    unconfirmed = [one for one in people if not one.confirmed and one.email_digest in here]
    others = [one for one in people if one not in unconfirmed]
    barred = _barred(unit, config, programme_id, [one.email for one in read.candidates])
    checked = check(read, enrolled_of(others), barred, partial=wish.partial)
    answer = enrolment_view(checked, programme.language, only_check=wish.only_check)
    if wish.only_check or not checked.accepted:
        return answer
    check_number(len(others) + len(checked.accepted))
    for one in unconfirmed:  # being enrolled replaces having asked to join
        _forget(unit, one)
    new = [_participant(one, programme, digest, actor, unit) for one in checked.accepted]
    store.add_participants(unit, new)
    managers = dict(checked.managers)
    for one in others:
        if one.ref in managers:
            one.manager_ref = managers[one.ref]
            store.save_participant(unit, one)
    open_to(programme, new)
    count(unit, config, [one.email for one in new])
    store.save_programme(unit, programme, tell_people(unit, new, "enrolled"))
    return answer


def correct_person(
    unit: Unit,
    actor: Actor,
    programme_id: str,
    ref: str,
    body: Document,
    config: Config,
    if_match: IfMatch = ANY_VERSION,
) -> Document:
    """Corrects a participant's data before the publication; returns them with their ``version``.

    At a new address the person is told again, and links sent to the old one stop working.
    """
    standing, participant = _theirs(unit, actor, programme_id, ref, if_match)
    programme = standing.programme
    programme.check_state(*BEFORE_PUBLICATION)
    moved = _correct(unit, programme, participant, body, config, expected_of(standing))
    facts: Sequence[Fact] = ()
    if moved:
        store.drop_messages(unit, participant.id)
        count(unit, config, [participant.email])
        facts = tell_people(unit, [participant], "enrolled")
    store.save_participant(unit, participant, facts)
    return {**participant_view(participant), "version": participant.version + max(1, len(facts))}


def correct_own(
    unit: Unit, actor: Actor, programme_id: str, body: Document, config: Config, if_match: IfMatch = ANY_VERSION
) -> Document:
    """Corrects the caller's own data until the programme is closed; returns them with their ``version``."""
    standing = store.standing(unit, programme_id, actor)
    participant = standing.taking_part()
    if_match.check(participant.version)
    standing.programme.check_state(*NOT_CLOSED)
    _correct(unit, standing.programme, participant, body, config, expected_of(Standing(standing.programme, runs=True)))
    store.save_participant(unit, participant)
    return {**own_view(participant), "version": participant.version + 1}


def remove_person(unit: Unit, actor: Actor, programme_id: str, ref: str, if_match: IfMatch = ANY_VERSION) -> Document:
    """Removes a participant before the publication, with all their data; from then on they leave the programme."""
    standing, participant = _theirs(unit, actor, programme_id, ref, if_match)
    if standing.programme.state in UNDER_WAY:
        take_out(unit, standing.programme, participant)
        return {}
    _forget(unit, participant)
    open_to(standing.programme, store.participants_of(unit, programme_id))
    store.save_programme(unit, standing.programme)
    return {}


def digests(config: Config, programme_id: str) -> Callable[[str], str]:
    """A function from an address to its digest in a programme."""
    return partial(email_digest, config.blind_secret, programme_id)


def refusal_of(problems: Sequence[Problem], language: str) -> Refusal:
    """The refusal of one person's data, with what is wrong by field."""
    return Refusal("invalid", errors=[one.error(language) for one in problems])


def _theirs(unit: Unit, actor: Actor, programme_id: str, ref: str, if_match: IfMatch) -> tuple[Standing, Participant]:
    """A participant whom the caller may correct or remove; raises ``not-found``."""
    standing = store.standing(unit, programme_id, actor)
    standing.check_organises()
    participant = store.participant_by_ref(unit, programme_id, ref)
    if participant is None or not standing.sees(participant):
        raise not_found()
    if_match.check(participant.version)
    return standing, participant


def _correct(
    unit: Unit, programme: Programme, participant: Participant, body: Document, config: Config, expected: Expected
) -> bool:
    """Changes the participant, and the programme's state if a pairing depends on the change.

    In a programme under way, another place, topic or language may give a pair to somebody who waits for one.

    Returns whether the address is another one. Raises ``invalid`` with what is wrong by field.
    """
    digest = digests(config, programme.id)
    read = read_fields(Rows((row_of(participant, body),)), expected)
    others = [one for one in store.participants_of(unit, programme.id) if one.id != participant.id]
    new = [one.email for one in read.candidates if digest(one.email) != participant.email_digest]
    checked = check(read, enrolled_of(others), _barred(unit, config, programme.id, new))
    if checked.rejected:
        raise refusal_of(checked.rejected, programme.language)
    before, candidate = pairing_data(participant), checked.accepted[0]
    if "wished_challenge" in body:
        wish_for(participant, body["wished_challenge"], programme, store.challenges_of(unit, programme.id))
    moved = correct(participant, candidate, digest(candidate.email))
    if pairing_data(participant) != before and programme.state in BEFORE_PUBLICATION:
        open_to(programme, [*others, participant])
        store.save_programme(unit, programme)
    elif pairing_data(participant) != before and programme.kind == PAIRING:
        request_rematch(unit, programme.id)
    return moved


def _barred(unit: Unit, config: Config, programme_id: str, emails: Sequence[str]) -> Callable[[str], str]:
    """A function that says why an address cannot be enrolled now, as `relate` takes it.

    Nobody is enrolled without a mail, so whoever has had enough today is not enrolled. Only ``emails`` would get one.
    """
    digest, objected = digests(config, programme_id), store.objections_of(unit, programme_id)
    told_often = set(filter(spared(unit, config, emails), emails))
    return lambda email: OBJECTED if digest(email) in objected else TOLD_OFTEN if email in told_often else ""


def _forget(unit: Unit, participant: Participant) -> None:
    store.erase_person(unit, participant)


def _participant(
    candidate: Candidate, programme: Programme, digest: Callable[[str], str], actor: Actor, unit: Unit
) -> Participant:
    return participant_of(
        candidate, new_id(), programme.id, digest(candidate.email), unit.now, via="file", enrolled_by=actor.id
    )
