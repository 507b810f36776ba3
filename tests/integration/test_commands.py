"""Commands on the real database, called as functions: without a request, a token or Flask."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from prometheus_client import REGISTRY
from pymongo.errors import OperationFailure
from werkzeug.datastructures import ETags

from chassis import datakeys
from chassis.events import Event
from chassis.facts import Refusal
from chassis.http.auth import Actor
from chassis.http.etags import IfMatch
from chassis.ids import new_id
from chassis.mongo import WRITE_CONFLICT, Documents, database_now
from chassis.unit import Unit, UnitOfWork
from contracts.events import CONTRACT
from contracts.market import SLOTS
from contracts.scan import contact_data
from services.accounts import store as accounts_store
from services.accounts.commands import accounts, sessions
from services.matching import commands as matching
from services.matching.config import Config as MatchingConfig
from services.matching.handlers import invite_first_mentors
from services.matching.model import Admission, Written
from services.matching.schemas import ProfileBody
from services.notify import commands as notify
from services.notify.handlers import notify_invited_mentors, record_posting
from services.notify.model.people import Person, QuietHours
from services.notify.store import people as notify_people
from services.projects import store as projects_store
from services.projects.commands import choice, organisations, projects, scans
from services.projects.config import Config as ProjectsConfig
from services.projects.schemas import OrganisationBody, ProjectBody
from services.quotes import commands as quotes
from services.quotes import store as quotes_store
from services.quotes.config import Config as QuotesConfig
from services.quotes.model import Quotas, open_round, sketch
from tests.kit.accounts import CONFIG
from tests.kit.examples import ORGANISATION, PROFILE, PROJECT, REGISTRATION, TERMS, card, posted_data
from tests.kit.keys import keys_of
from tests.kit.services import SETTINGS

Work = Callable[[str], UnitOfWork]


@pytest.fixture
def work(database: Documents) -> Work:
    """Units of work of the service with this name; nothing else of the service runs."""
    return lambda service: UnitOfWork(database, service, CONTRACT, keys=keys_of(service))


def pending_events(database: Documents, subject: str | None = None) -> list[str]:
    """The events waiting to be published, in order: all, or those about one subject."""
    wanted = {} if subject is None else {"subject": subject}
    return [row["name"] for row in database.outbox.find(wanted).sort([("subject", 1), ("sequence", 1)])]


def refusal(work: UnitOfWork, effect: Callable[[Unit], Any]) -> str:
    """The name of the refusal that an effect raises."""
    with pytest.raises(Refusal) as refused:
        work.run(effect)
    return refused.value.name


def mentor(number: int) -> Actor:
    return Actor(f"mentor-{number}", "mentor", "a session")


def test_fifth_quote_closes_the_round_and_is_timed_once(work: Work, database: Documents) -> None:
    units, key, body, tries = work("quotes"), quotes_store.new_signer(), {**TERMS, "project_id": "p"}, itertools.count()
    config = QuotesConfig(False, Quotas(0, 0, 0), b"secret", timedelta(days=1))
    drawn = sketch(TERMS["proposal"], b"secret")

    def submit(unit: Unit, number: int) -> dict[str, Any]:
        return quotes.submit_quote(unit, mentor(number), body, [], drawn, key, config)

    def prepare(unit: Unit) -> None:
        quotes_store.save_round(unit, open_round("p", posted_data(posted_at=unit.now)), [])
        cards = [card(mentor(number).id) for number in range(SLOTS + 1)]
        quotes_store.add_invitations(unit, "p", cards)

    def last(unit: Unit) -> dict[str, Any]:
        answer = submit(unit, 4)
        if next(tries) == 0:
            raise OperationFailure("met another", WRITE_CONFLICT, {"errorLabels": ["TransientTransactionError"]})
        return answer

    def timed() -> float:
        return REGISTRY.get_sample_value("releve_time_to_five_quotes_seconds_count") or 0

    units.run(prepare)
    before = timed()
    for number in range(4):
        units.run(partial(submit, number=number))
    assert timed() == before
    assert units.run(last)["state"] == "sealed"
    assert (next(tries), timed()) == (2, before + 1)
    assert pending_events(database) == ["quote.submitted"] * SLOTS + ["window.closed"]
    assert refusal(units, partial(submit, number=5)) == "window-ended"
    assert database.quotes.count_documents({}) == SLOTS


def test_contact_data_in_a_proposal_is_refused_with_its_places(work: Work, database: Documents) -> None:
    units, key = work("quotes"), quotes_store.new_signer()
    proposal = "Deux ateliers.\nJoignable au 0475/12.34.56 ou sur dupont.ventures ; SIREN 552 100 554."

    def prepare(unit: Unit) -> None:
        quotes_store.save_round(unit, open_round("p", posted_data(posted_at=unit.now)), [])
        quotes_store.add_invitations(unit, "p", [card(mentor(1).id)])

    units.run(prepare)
    config = QuotesConfig(False, Quotas(0, 0, 0), b"secret", timedelta(days=1))
    drawn, leaks = sketch(proposal, b"secret"), contact_data(proposal)
    body = {**TERMS, "project_id": "p", "proposal": proposal}
    with pytest.raises(Refusal) as refused:
        units.run(lambda unit: quotes.submit_quote(unit, mentor(1), body, leaks, drawn, key, config))
    assert refused.value.name == "contact-data"
    assert [(error["field"], error["code"], error["message"]) for error in refused.value.errors] == [
        ("proposal", "contact-data", "phone at 28"),
        ("proposal", "contact-data", "url at 49"),
        ("proposal", "contact-data", "registration at 73"),
    ]
    assert database.quotes.count_documents({}) == 0


def test_declined_invitation_is_published_once_and_keeps_its_first_reason(work: Work, database: Documents) -> None:
    config = MatchingConfig(20, 200, 0.98, b"blind", Admission(timedelta(0), verified=False), timedelta(60), "0")
    units, invited = work("matching"), mentor(1)
    stale = IfMatch(ETags(["7"]))
    wish = Written(**ProfileBody().load(PROFILE))
    units.run(lambda unit: matching.write_profile(unit, invited, wish))
    assert refusal(units, lambda unit: matching.write_profile(unit, invited, wish, stale)) == "stale"
    posted = posted_data(posted_at=database_now(database), topics=["crm"], languages=["fr"])
    event = Event(new_id(), "project.posted", "p", 1, database_now(database), posted)
    units.run(lambda unit: invite_first_mentors(event, unit, config))
    invitation = str((database.invitations.find_one({"account": invited.id}) or {})["_id"])

    def decline(who: Actor, reason: str) -> Callable[[Unit], Any]:
        return lambda unit: matching.decline_invitation(unit, who, invitation, reason, "en", config)

    assert refusal(units, decline(mentor(2), "other")) == "not-found"
    assert [units.run(decline(invited, reason))["state"] for reason in ("busy", "other")] == ["declined"] * 2
    assert (database.invitations.find_one() or {})["reason"] == "busy"
    assert pending_events(database).count("invitation.declined") == 1


def test_notification_keeps_the_time_it_was_first_read(work: Work, database: Documents) -> None:
    units, invited = work("notify"), mentor(1)
    person, now = Person(invited.id), database_now(database)
    wave = {"mentors": [{"account": invited.id, "mentor_id": "card"}], "wave": 1}
    for handler, name, data in (
        (record_posting, "project.posted", posted_data(posted_at=now)),
        (notify_invited_mentors, "mentors.invited", wave),
    ):
        event = Event(new_id(), name, "p", 1, now, data)
        units.run(lambda unit, handler=handler, event=event: handler(event, unit, None))  # type: ignore[misc]
    told_of = str((database.notifications.find_one({"account": invited.id}) or {})["_id"])

    def read(who: Actor) -> Callable[[Unit], Any]:
        return lambda unit: notify.mark_notification_read(unit, who, told_of, person)

    assert refusal(units, read(mentor(2))) == "not-found"
    first, second = units.run(read(invited)), units.run(read(invited))
    assert first["read_at"] is not None
    assert second == first


def test_preferences_are_stored_and_quiet_hours_default_to_the_setting(work: Work, database: Documents) -> None:
    person = Person("mentor-1").preferring({"kinds": {"quote-received": {"email": False}}, "timezone": "Asia/Tokyo"})
    shown = work("notify").run(lambda unit: notify.set_preferences(unit, person, QuietHours(on=False)))
    assert (shown["timezone"], shown["quiet_hours"]["on"]) == ("Asia/Tokyo", False)
    assert not notify_people.read_person(database, person.id).wants("quote-received", "email")


def test_refresh_token_used_twice_ends_its_session(work: Work, database: Documents) -> None:
    units, hasty = work("accounts"), replace(CONFIG, refresh_grace=timedelta(0))
    opened = units.run(lambda unit: accounts.register_account(unit, "thomas", REGISTRATION, "a hash", CONFIG))
    again = units.run(lambda unit: accounts.register_account(unit, "nobody", REGISTRATION, "a hash", CONFIG))
    assert (opened["id"], again["id"], database.accounts.count_documents({})) == ("thomas", "nobody", 1)
    account = accounts_store.find_account_by_id(database, "thomas")
    assert account is not None
    units.run(lambda unit: sessions.open_session(unit, account, None, "first", hasty))
    refreshed = units.run(lambda unit: sessions.refresh_session(unit, "first", hasty))
    assert refreshed is not None
    assert units.run(lambda unit: sessions.refresh_session(unit, refreshed[1], hasty)) is not None
    assert units.run(lambda unit: sessions.refresh_session(unit, "first", hasty)) is None
    refused = refusal(units, lambda unit: sessions.refresh_session(unit, refreshed[1], hasty))
    assert (refused, database.sessions.count_documents({})) == ("bad-credentials", 0)


def test_project_is_posted_awarded_and_cancelled_without_a_request(work: Work, database: Documents) -> None:
    units, client, config = work("projects"), Actor("client", "client", "a session"), projects_config()
    key = datakeys.draw(units.keys, new_id())
    identity, body = OrganisationBody().load(ORGANISATION), ProjectBody().load(PROJECT)
    unknown = scans.own_brief(database, client, body)

    def post(unit: Unit) -> dict[str, Any]:
        return projects.post_project(unit, client, body, unknown, key, config)

    assert refusal(units, post) == "organisation-missing"
    units.run(lambda unit: organisations.describe_organisation(unit, client, identity, config))
    posted = units.run(post)["id"]
    telling = "Nestlé Waters en a assez."
    reason = scans.reason(database, client, posted, {"reason": telling, "confirmed": []})
    stranger = Actor("stranger", "client", "a session")

    def cancel(who: Actor, if_match: IfMatch) -> Callable[[Unit], Any]:
        return lambda unit: choice.cancel_project(unit, who, posted, telling, reason, if_match)

    assert refusal(units, cancel(stranger, IfMatch())) == "not-found"
    assert refusal(units, cancel(client, IfMatch(ETags(["7"])))) == "stale"
    assert refusal(units, cancel(client, IfMatch(ETags(["1"])))) == "identity-leak"
    assert refusal(units, lambda unit: choice.accept_quote(unit, client, posted, "q")) == "window-open"
    harmless = scans.reason(database, client, posted, {"reason": "Un autre projet passe avant.", "confirmed": []})
    units.run(lambda unit: choice.cancel_project(unit, client, posted, "Un autre projet passe avant.", harmless))
    assert pending_events(database, posted) == ["project.posted", "project.cancelled"]
    assert projects_store.open_vault(units, posted, client).organisation["name"] == ORGANISATION["name"]


def projects_config() -> ProjectsConfig:
    return ProjectsConfig.read(SETTINGS)
