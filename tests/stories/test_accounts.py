"""Accounts through their mails: verification, password reset, erasure, suspension."""

import re
import secrets
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest

from chassis.mongo import connect
from contracts.parts import DATABASES
from stories.nestle_waters import ORGANISATION, SOLUTION, expect
from stories.people import PASSWORD, Person, about, client, mentor, offer, pause
from tests.kit.databases import everything
from tests.kit.waiting import until
from tests.stories.mails import mails_to, text_of
from tests.stories.running import Running
from tests.stories.topics import everything_in_kafka

TOPICS = ["data-literacy"]
TOLD = {
    "verify-email": "Confirmez votre adresse e-mail",
    "password-reset": "Choisissez un nouveau mot de passe",
    "already-registered": "Vous avez déjà un compte",
    "erasure-asked": "Votre compte sera effacé",
    "erasure-stopped": "Votre compte est gardé",
    "erasure-done": "Votre compte est effacé",
}


class Mailbox:
    """The mails that a person receives."""

    def __init__(self, mails: Path, system: Running) -> None:
        self._mails, self._url = mails, system.url

    def find(self, person: Person, kind: str, count: int = 1) -> EmailMessage:
        """The newest mail of a kind, once ``count`` have arrived."""

        def found() -> list[EmailMessage]:
            every = [mail for mail in mails_to(self._mails, person.email) if mail["Subject"] == TOLD[kind]]
            return every if len(every) >= count else []

        mails = until(found)
        assert len(mails) == count
        return mails[-1]

    def token(self, person: Person, kind: str, page: str, count: int = 1) -> str:
        """The token in the fragment of the mail's link, as the linked page reads it."""
        link = re.search(rf"http\S+/{page}#(\S+)", text_of(self.find(person, kind, count)))
        assert link is not None
        return link[1]


@pytest.fixture
def mailbox(mails: Path, system: Running) -> Mailbox:
    return Mailbox(mails, system)


def post(company: Person, window: str) -> str:
    body = {"title": "Comprendre la donnée", **about(TOPICS), "languages": ["fr"], "window": window}
    return str(expect(company.post("/api/projects", body), 201)["id"])


def test_email_is_verified_once_and_never_by_get(system: Running, mailbox: Mailbox) -> None:
    person = Person(system.url, "client", "Camille").join()
    domains = ORGANISATION | {"domains": ["example.org"]}
    assert not expect(person.call("PUT", "/api/organisations/me", domains), 200)["verified"]
    expect(person.post("/api/accounts/verification"), 202)
    token = mailbox.token(person, "verify-email", "verify")
    path = f"/api/accounts/verification/{token}"
    for scanner in (person.http, httpx.Client(base_url=system.url)):
        assert scanner.get(path).status_code in (401, 405)
        assert scanner.head(path).status_code in (401, 405)
    assert not expect(person.get("/api/accounts/me"), 200)["verified"]
    page = httpx.Client(base_url=system.url)
    assert page.post(path).status_code == 204
    assert page.post(path).status_code == 404
    assert expect(person.get("/api/accounts/me"), 200)["verified"]
    assert person.until("/api/organisations/me", lambda organisation: organisation["verified"])


def test_password_reset_by_mail_ends_every_session(system: Running, mailbox: Mailbox) -> None:
    person = Person(system.url, "mentor", "Thomas").join()
    before = person.session["refresh_token"]
    page = httpx.Client(base_url=system.url)
    for email in (person.email, "nobody@example.org"):
        answer = page.post("/api/accounts/password-reset", json={"email": email})
        assert (answer.status_code, answer.json()) == (202, {})
    path = f"/api/accounts/password-reset/{mailbox.token(person, 'password-reset', 'reset')}"
    new = {"password": f"une phrase toute neuve {secrets.token_hex(4)}"}
    assert page.post(path, json={"password": "trop court"}).status_code == 422
    assert page.post(path, json=new).status_code == 204
    assert page.post(path, json=new).status_code == 404
    assert page.post("/api/sessions/refresh", json={"refresh_token": before}).status_code == 401
    old = page.post("/api/sessions", json={"email": person.email, "password": PASSWORD})
    assert old.status_code == 401
    assert page.post("/api/sessions", json={"email": person.email, **new}).status_code == 201


def test_registration_with_an_email_in_use_notifies_its_owner(system: Running, mailbox: Mailbox) -> None:
    owner = Person(system.url, "mentor", "Inès").join()
    wish = {"email": owner.email.upper(), "role": "client", "display_name": "Gaspard", "locale": "fr"}
    answer = httpx.post(f"{system.url}/api/accounts", json=wish | {"password": "une tout autre phrase"})
    assert answer.status_code == 201
    text = text_of(mailbox.find(owner, "already-registered"))
    assert "Bonjour," in text, "no name is mailed to an unconfirmed address"
    assert "Gaspard" not in text


def test_no_link_token_is_in_a_log_or_topic(system: Running, mailbox: Mailbox) -> None:
    person = Person(system.url, "mentor", "Léo").join()
    expect(person.post("/api/accounts/verification"), 202)
    token = mailbox.token(person, "verify-email", "verify")
    assert person.post(f"/api/accounts/verification/{token}").status_code == 204
    assert not [message for message in everything_in_kafka(system.kafka) if token in message]
    assert not [path.name for path in system.logs.glob("*.log") if token in path.read_text(errors="replace")]


def rows_with(system: Running, *texts: str) -> list[str]:
    """The services and collections that store one of these texts, except published events."""
    found = []
    for service in DATABASES:
        database = connect(system.mongo_uri, f"releve_{service}", app="test")
        for name, rows in everything(database).items():
            stored = "\n".join(map(str, rows))
            if name not in ("outbox", "inbox") and any(text in stored for text in texts):
                found.append(f"{service}.{name}")
        database.client.close()
    return found


def leave(person: Person, password: str = PASSWORD) -> httpx.Response:
    return person.post("/api/accounts/me/erasure", {"password": password})


def test_wrong_password_erases_nothing(system: Running) -> None:
    person = Person(system.url, "mentor", "Solène").join()
    refused = leave(person, "une phrase devinée au hasard")
    assert (refused.status_code, refused.json()["type"]) == (401, "urn:releve:problem:bad-credentials")
    assert expect(person.get("/api/accounts/me"), 200)["erasure_at"] is None
    assert person.call("DELETE", "/api/accounts/me/erasure").status_code == 404


def test_erased_mentor_is_removed_from_every_service(system: Running, mailbox: Mailbox) -> None:
    name = f"Zélie{secrets.token_hex(4)}"
    person = mentor(system.url, name, TOPICS)
    company = client(system.url, ORGANISATION)
    project_id = post(company, "PT2M")
    person.invitation(project_id)
    expect(person.quote(project_id, 900, f"{SOLUTION} {name}"), 201)
    company.until(f"/api/rounds/{project_id}", lambda round: round["received"] == 1)
    expect(leave(person), 202)
    mailbox.find(person, "erasure-done")
    assert expect(company.get(f"/api/rounds/{project_id}"), 200)["received"] == 0, "the slot is free again"
    until(lambda: rows_with(system, name, person.email) == [])
    assert person.post("/api/quotes", offer(project_id, 900, SOLUTION)).status_code == 401
    assert person.call("POST", "/api/sessions", {"email": person.email, "password": PASSWORD}).status_code == 401
    assert person.call("PUT", "/api/mentors/me", person.card).status_code == 401
    expect(company.post(f"/api/projects/{project_id}/cancellation", {"reason": "Le besoin a changé."}), 200)


def test_erased_clients_open_project_ends_for_its_mentors(system: Running, mailbox: Mailbox) -> None:
    name = f"Xylo{secrets.token_hex(4)}"
    person = mentor(system.url, "Yaël", TOPICS)
    company = client(system.url, ORGANISATION | {"name": name, "contact": {"name": name, "email": "x@example.org"}})
    project_id = post(company, "PT2M")
    person.invitation(project_id)
    expect(leave(company), 202)
    told = person.notification("project-cancelled", project_id)
    assert "a quitté Relève" in told["body"]
    assert name not in told["title"] + told["body"]
    mailbox.find(company, "erasure-done")
    until(lambda: rows_with(system, name, company.email) == [])
    invitation = person.invitation(project_id)
    assert (invitation["state"], invitation["brief"]["brief"]) == ("closed", "")
    assert company.call("PUT", "/api/organisations/me", ORGANISATION).status_code == 401
    pause([person])


def test_erasure_waits_until_an_awarded_project_is_completed(system: Running, mailbox: Mailbox) -> None:
    person = mentor(system.url, "Maëlle", TOPICS)
    company = client(system.url, ORGANISATION)
    project_id = post(company, "PT8S")
    person.invitation(project_id)
    quote_id = expect(person.quote(project_id, 1100, SOLUTION), 201)["id"]
    company.until(f"/api/projects/{project_id}", lambda project: project["state"] == "choosing", 20)
    expect(company.post(f"/api/projects/{project_id}/acceptance", {"quote_id": quote_id}), 200)
    person.notification("chosen", project_id)
    for party in (company, person):
        refused = leave(party)
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:releve:problem:open-commitments")
    person.until(f"/api/projects/{project_id}/order", lambda order: order["number"])
    expect(company.post(f"/api/projects/{project_id}/completion", {"rating": 5, "comment": "Merci"}), 200)
    expect(leave(person), 202)
    expect(leave(company), 202)
    mailbox.find(person, "erasure-done")
    mailbox.find(company, "erasure-done")


EVERYWHERE = (
    "/api/accounts/me",
    "/api/organisations/me",
    "/api/skills?query=crm",
    "/api/quotes?project_id=none",
    "/api/programmes",
    "/api/notifications",
)
"""A route of each service."""


def refused_everywhere(person: Person) -> bool:
    """Whether every service refuses the person's token."""
    return all(person.get(path).status_code == 401 for path in EVERYWHERE)


def test_end_of_a_session_counts_in_every_service_and_spares_the_others(system: Running) -> None:
    person = Person(system.url, "client", "Odile").join()
    other = Person(system.url, "client", "Odile", email=person.email)
    other.sign_in()
    assert not [path for path in EVERYWHERE if person.get(path).status_code == 401]
    with person.listening() as events:
        expect(other.get("/api/accounts/me"), 200)
        assert person.call("DELETE", "/api/sessions/current").status_code == 204
        assert list(events) == [], "the open stream ends"
    assert person.get("/api/accounts/me").status_code == 401, "accounts knows at once"
    until(lambda: refused_everywhere(person))
    assert not [path for path in EVERYWHERE if other.get(path).status_code == 401]


def test_operator_suspends_and_reinstates_a_mentor(system: Running, boss: Person) -> None:
    person = mentor(system.url, "Hugo", TOPICS)
    path = f"/api/operations/accounts/{person.id}/suspension"
    assert person.post(path, {"reason": "Faux profil"}).status_code == 403
    expect(boss.post(path, {"reason": "Faux profil"}), 200)
    until(lambda: refused_everywhere(person))
    signing_in = {"email": person.email, "password": PASSWORD}
    assert person.call("POST", "/api/sessions", signing_in).json()["type"] == "urn:releve:problem:suspended"
    database = connect(system.mongo_uri, "releve_matching", app="test")
    until(lambda: database.suspensions.find_one({"_id": person.id, "suspended": True}))
    database.client.close()
    company = client(system.url, ORGANISATION)
    project_id = post(company, "PT3S")
    company.notification("project-unfilled", project_id)
    assert boss.call("DELETE", path, {"reason": "Une erreur"}).status_code == 204
    person.sign_in()
    assert not [one for one in EVERYWHERE if person.get(one).status_code == 401]
    invited = [item["project_id"] for item in expect(person.get("/api/invitations?limit=200"), 200)["items"]]
    assert project_id not in invited
    trail = expect(boss.get(f"/api/operations/audit?whom={person.id}"), 200)["items"]
    assert [row["what"] for row in trail] == ["account.reinstated", "account.suspended"]
    pause([person])
