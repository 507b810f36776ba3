"""Joining a programme by an invitation link, and confirming one's address."""

from dataclasses import dataclass, replace

from chassis.facts import Refusal, not_found
from chassis.ids import new_id
from chassis.mongo import Document
from chassis.unit import Unit
from services.programmes import store
from services.programmes.commands.enrolling import digests, refusal_of
from services.programmes.commands.sparing import INVITED, RENEWED, count, spared
from services.programmes.commands.telling import tell_people
from services.programmes.config import Config
from services.programmes.model.enrolling.candidates import Candidate
from services.programmes.model.enrolling.checking import check, read_fields
from services.programmes.model.enrolling.fields import Expected
from services.programmes.model.enrolling.links import CONFIRM_WITHIN, COUNT_MAILS, JOINED, MOST_MAILS, TO_CONFIRM, Link
from services.programmes.model.enrolling.people import check_number, enrolled_of, open_to, participant_of
from services.programmes.model.enrolling.rows import Row, Rows
from services.programmes.model.messages import KEPT, digest_of
from services.programmes.model.participants import Participant
from services.programmes.model.programme import BEFORE_PUBLICATION, Programme

STRANGERS_MAILS = ("joined", "link-renewed")
"""The kinds of mails that strangers can cause, by giving somebody's address."""


@dataclass(frozen=True)
class Joiner:
    """Who joins: an account with its own address, or somebody who says an address. ``proven``: it is theirs."""

    email: str
    account: str | None = None
    proven: bool = False


def join(unit: Unit, body: Document, joiner: Joiner, config: Config) -> Document:
    """Takes a place of the link: at once for a proven address, otherwise by the link of a mail to it.

    Raises ``not-found`` for a wrong or expired token, ``wrong-domain``, ``link-full``, ``wrong-state``, and
    ``already-taking-part`` for an account. Without an account the answer is the same for an address that is enrolled
    already: its owner gets a mail.
    """
    link = store.link_by_digest(unit, digest_of(body["token"]))
    programme = store.find_programme(unit, link.programme) if link else None
    if link is None or programme is None:
        raise not_found()
    link.check_open(unit.now)
    programme.check_state(*BEFORE_PUBLICATION)
    candidate = _candidate(body, joiner, link, programme)
    link.check_domain(candidate.email)
    link.check_place(store.take_place(unit, link))
    digest = digests(config, programme.id)(candidate.email)
    known = store.participant_by_email(unit, programme.id, digest)
    if joiner.account is not None:
        return _join_by_account(unit, programme, link, known, candidate, digest, joiner, config)
    if known is None:
        known = _add(unit, programme, link, candidate, digest, joiner)
    _ask(unit, known, "link-renewed" if known.confirmed else "joined", config)
    return {"state": TO_CONFIRM}


def confirm(unit: Unit, participant: Participant) -> None:
    """The person has proven their address, by the link of a mail: from now on they count.

    By joining themselves they withdraw an earlier objection.
    """
    participant.confirmed = True
    store.drop_objection(unit, participant.email_digest)
    programme = store.find_programme(unit, participant.programme)
    if programme is not None and programme.state in BEFORE_PUBLICATION:
        open_to(programme, [participant])
        store.save_programme(unit, programme)


def renew(unit: Unit, token: str, config: Config) -> None:
    """Mails a new link to whoever's mail held this token, even if it has expired; nothing for any other token."""
    owner = store.expired_link_owner(unit, token)
    participant = store.find_participant(unit, owner) if owner else None
    if participant is not None and participant.takes_part:
        _ask(unit, participant, "link-renewed" if participant.confirmed else "joined", config)


def _join_by_account(
    unit: Unit,
    programme: Programme,
    link: Link,
    known: Participant | None,
    candidate: Candidate,
    digest: str,
    joiner: Joiner,
    config: Config,
) -> Document:
    theirs = store.participants_of(unit, programme.id, account=joiner.account)
    if theirs or (known is not None and known.confirmed and (known.account or not joiner.proven)):
        raise Refusal("already-taking-part", "You take part in this programme already.")
    if known is None:
        known = _add(unit, programme, link, candidate, digest, joiner)
    if not joiner.proven:
        _ask(unit, known, "joined", config)
        return {"state": TO_CONFIRM}
    known.account = joiner.account
    confirm(unit, known)
    store.save_participant(unit, known)
    return {"state": JOINED}


def _candidate(body: Document, joiner: Joiner, link: Link, programme: Programme) -> Candidate:
    cells = {
        name: tuple(value) if isinstance(value, list) else str(value)
        for name, value in body.items()
        if value is not None and name != "token"
    }
    cells |= {"email": joiner.email, "side": link.side, "organisation": link.organisation}
    expected = Expected(programme.language, tuple(programme.organisations))
    read = read_fields(Rows((Row(1, {name: cell for name, cell in cells.items() if cell}),)), expected)
    if read.problems:
        raise refusal_of(read.problems, programme.language)
    return read.candidates[0]


def _add(
    unit: Unit, programme: Programme, link: Link, candidate: Candidate, digest: str, joiner: Joiner
) -> Participant:
    """Stores a new participant who is still to be confirmed."""
    people = store.participants_of(unit, programme.id)
    check_number(len(people) + 1)
    read = read_fields(Rows(()), Expected())
    checked = check(replace(read, candidates=(candidate,)), enrolled_of(people), lambda _: "")
    if checked.rejected:
        raise refusal_of(checked.rejected, programme.language)
    via = "link" if joiner.account is None else "account"
    person = participant_of(
        checked.accepted[0], new_id(), programme.id, digest, unit.now, via=via, account=joiner.account,
        confirmed=False, link=link.id,
    )  # fmt: skip
    store.add_participants(unit, [person])
    return replace(person, version=1)


def _ask(unit: Unit, participant: Participant, kind: str, config: Config) -> None:
    """Sends a mail at the request of somebody who has not proved to be this person.

    Few an hour are sent for a programme, and few a day to an address; beyond that none is sent, and nobody is told.
    """
    counted, emails = INVITED if kind == "joined" else RENEWED, [participant.email]
    now_and_then = store.count_messages(unit, participant.id, STRANGERS_MAILS, unit.now - COUNT_MAILS) < MOST_MAILS
    if now_and_then and not spared(unit, config, emails, counted)(participant.email):
        count(unit, config, emails, counted)
        kept = CONFIRM_WITHIN if kind == "joined" else KEPT
        store.save_participant(unit, participant, tell_people(unit, [participant], kind, kept))
