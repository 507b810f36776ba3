"""Programmes' messages from the event to a real SMTP server; programmes and accounts are stand-ins."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from chassis.events import Event
from chassis.ids import new_id
from chassis.mongo import Document, Documents, connect
from services.notify.jobs.deliveries import Postman
from services.notify.store import people
from tests.kit.clock import HandClock
from tests.kit.databases import drop, everything
from tests.kit.notify import Accounts, Letterbox, Programmes, config_of, smtp_server
from tests.kit.services import Running

EVENING = datetime.fromisoformat("2026-03-02T21:00:00Z")
QUIET = "20:00-08:00"


@pytest.fixture(scope="module")
def database(mongo_uri: str) -> Iterator[Documents]:
    """One for all tests: each has people and messages of its own."""
    database = connect(mongo_uri, f"test_{new_id().replace('-', '_')}", app="test")
    yield database
    drop(database)
    database.client.close()


@pytest.fixture(scope="module")
def around() -> Iterator[tuple[Accounts, Programmes, Letterbox, int]]:
    with Accounts() as accounts, Programmes() as programmes, smtp_server() as (box, port):
        yield accounts, programmes, box, port


class Office:
    """notify at nine in the evening in London, ten in Paris, with an empty letterbox."""

    def __init__(self, database: Documents, around: tuple[Accounts, Programmes, Letterbox, int]) -> None:
        self.accounts, self.programmes, self.box, self.port = around
        self.time = EVENING
        self.notify = Running("notify", database, clock=HandClock(lambda: self.time))
        self.programme, self.account = new_id(), f"client-{new_id()}"
        self.box.mails.clear()
        self.box.recipients.clear()
        database["deliveries"].delete_many({})

    def send(self, quiet: str = "none", smtp_port: int = 0) -> None:
        """Sends everything that is due."""
        port = smtp_port or self.port
        postman = Postman(self.notify.work, config_of(self.accounts.url, port, quiet, self.programmes.url), lambda: 0.5)
        while postman.deliver_some():
            pass
        postman.rest()

    def request(self, *messages: str) -> Event:
        """The event that requests these messages of the stand-in."""
        held = self.programmes.messages
        rows = [{"message_id": id, "kind": held[id]["kind"], "account": held[id]["account"]} for id in messages]
        return self.notify.hear("messages.requested", new_id(), programme=self.programme, messages=rows)

    def mailed(self, kind: str, quiet: str = "none", **message: Any) -> Document:
        """Requests one message, sends what is due, and returns the delivery."""
        message_id = self.programmes.holds(kind, **message)
        self.request(message_id)
        self.send(quiet)
        return self.delivery(message_id)

    def delivery(self, message_id: str) -> Document:
        return self.notify.database["deliveries"].find_one({"_id": f"{message_id}.email"}) or {}

    def items(self) -> list[Document]:
        found: list[Document] = self.notify.get(self.account, "/api/notifications")["items"]
        return found

    def prefers(self, **wish: Any) -> None:
        person = people.read_person(self.notify.database, self.account).preferring(wish)
        self.notify.work.run(lambda unit: people.save_preferences(unit, person))


@pytest.fixture
def office(database: Documents, around: tuple[Accounts, Programmes, Letterbox, int]) -> Office:
    return Office(database, around)


def plain(mail: Any) -> str:
    return str(next(mail.iter_parts()).get_content())


def test_person_without_an_account_is_mailed_once(office: Office) -> None:
    message_id = office.programmes.holds("enrolled", values={"purpose": "Vous dirigez.", "side": "mentee"})
    office.request(message_id)
    office.request(message_id)
    office.send()
    [mail] = office.box.mails
    assert office.box.recipients == [["anne@example.org"]]
    assert mail["Subject"] == "PWN Paris vous invite dans le programme « Horizons »"
    assert "Bonjour Anne," in plain(mail)
    assert "/pair#t0k3n" in plain(mail)
    assert office.delivery(message_id)["state"] == "sent"
    assert office.programmes.fetched.count(message_id) == office.programmes.forgotten.count(message_id) == 1


def test_message_requested_again_neither_mails_nor_notifies_again(office: Office) -> None:
    message_id = office.programmes.holds("nudge", account=office.account)
    office.request(message_id)
    office.send()
    office.request(message_id)
    office.send()
    assert (len(office.box.mails), len(office.items())) == (1, 1)


def test_no_name_address_or_token_is_stored(office: Office) -> None:
    office.accounts.people[office.account] = {"email": "chef@example.org", "display_name": "Zoé", "locale": "fr"}
    values = {"partner": "Inès Roy", "partner_email": "ines@example.org"}
    office.mailed("pair-active", values=values)
    office.mailed("nudge", email=None, account=office.account, values=values)
    assert len(office.box.mails) == 2
    stored = str(everything(office.notify.database))
    for text in ("Anne", "anne@", "Inès", "ines@", "Zoé", "chef@", "t0k3n", "Horizons", "PWN Paris"):
        assert text not in stored, text


def test_account_is_mailed_at_the_address_accounts_knows(office: Office) -> None:
    office.accounts.people[office.account] = {"email": "chef@example.org", "display_name": "Zoé", "locale": "en"}
    page = f"programmes/{office.programme}"
    to: dict[str, Any] = {"email": None, "account": office.account, "token": None, "page": page}
    office.mailed("proposal-ready", values={"pairs": 20, "unpaired": 0}, **to)
    [mail] = office.box.mails
    assert office.box.recipients == [["chef@example.org"]]
    assert mail["Subject"] == "“Horizons”: a proposal of 20 pairs to review"
    assert "Hello Zoé," in plain(mail)
    assert f"/programmes/{office.programme}" in plain(mail)
    assert mail["List-Unsubscribe"].endswith("/notifications/preferences>")


def test_message_that_programmes_no_longer_holds_is_suppressed(office: Office) -> None:
    message_id = office.programmes.holds("nudge")
    office.request(message_id)
    del office.programmes.messages[message_id]
    office.send()
    assert (office.delivery(message_id)["state"], office.delivery(message_id)["reason"]) == ("suppressed", "outdated")
    assert office.box.mails == []


def test_account_unknown_to_accounts_gets_no_mail(office: Office) -> None:
    delivery = office.mailed("nudge", email=None, account=office.account)
    assert (delivery["state"], office.box.mails) == ("suppressed", [])


@pytest.mark.parametrize("trouble", ["programmes", "smtp"])
def test_mail_is_retried_after_an_outage(office: Office, trouble: str) -> None:
    message_id = office.programmes.holds("nudge")
    office.request(message_id)
    office.programmes.away, office.box.answer = trouble == "programmes", "451 later" if trouble == "smtp" else "250 OK"
    office.send()
    assert (office.delivery(message_id)["state"], office.delivery(message_id)["tries"]) == ("retrying", 1)
    office.programmes.away, office.box.answer = False, "250 OK"
    office.time += timedelta(minutes=1)
    office.send()
    assert (office.delivery(message_id)["state"], len(office.box.mails)) == ("sent", 1)
    assert office.box.mails[0]["Message-ID"].startswith(f"<{message_id}.email@")


def test_mail_waits_for_the_morning_in_the_recipients_zone(office: Office) -> None:
    delivery = office.mailed("nudge", QUIET)
    assert (delivery["state"], office.box.mails) == ("pending", [])
    office.time += timedelta(hours=10)  # 8 o'clock in Paris
    office.send(QUIET)
    assert len(office.box.mails) == 1
    office.time = EVENING
    assert office.mailed("nudge", QUIET, timezone="America/Montreal")["state"] == "sent"
    assert office.mailed("link-renewed", QUIET)["state"] == "sent", "the person waits for it"


def test_meeting_is_dated_in_the_zone_of_the_participant(office: Office) -> None:
    office.mailed("session-planned", values={"starts_at": "2026-03-09T13:30:00Z"}, timezone="America/Montreal")
    [mail] = office.box.mails
    assert mail["Subject"] == "Votre rencontre : lundi 9 mars 2026 à 9 h 30 (heure de Montreal)"


def test_account_is_notified_without_any_name(office: Office) -> None:
    to = {"email": "anne@example.org", "account": office.account}
    office.request(*(office.programmes.holds(kind, **to) for kind in ("enrolled", "nudge", "joined")))
    first, second = office.items()
    assert first["id"] != second["id"]
    for item in (first, second):
        assert (item["kind"], item["programme_id"], item["project_id"]) == ("programme", office.programme, None)
        assert item["title"] == "Du nouveau dans votre programme de mentorat"
        assert "Horizons" not in item["body"]


def test_proposal_notifies_the_account_that_asked_for_it_each_time(office: Office) -> None:
    for sequence, pairs in ((4, 1), (6, 20)):
        data = {"account": office.account, "pairs": pairs, "unpaired": 2}
        office.notify.hear("pairing.proposed", office.programme, sequence, **data)
        office.time += timedelta(minutes=1)
    titles = [item["title"] for item in office.items()]
    assert titles == ["Une proposition de 20 binômes à relire", "Une proposition de 1 binôme à relire"]
    assert {item["programme_id"] for item in office.items()} == {office.programme}
    assert "2." in office.items()[0]["body"]


def test_preferences_stop_mails_and_notifications_of_programmes(office: Office) -> None:
    office.prefers(kinds={"programme": {"in_app": False, "email": False}})
    to = {"email": "anne@example.org", "account": office.account}
    assert office.mailed("nudge", **to)["reason"] == "unwanted"
    assert office.mailed("enrolled", values={"side": "mentor"}, **to)["state"] == "sent", "people must learn of it"
    assert office.items() == []


def test_own_quiet_hours_and_zone_of_an_account_count(office: Office) -> None:
    to = {"account": office.account, "timezone": "Europe/Paris"}
    office.prefers(quiet_hours={"on": False, "start": "20:00", "end": "08:00"})
    assert office.mailed("nudge", QUIET, **to)["state"] == "sent"
    office.prefers(timezone="America/Montreal", quiet_hours={"on": True, "start": "16:00", "end": "18:00"})
    delivery = office.mailed("nudge", "none", **to)  # 16 o'clock in Montreal
    assert (delivery["state"], delivery["due_at"]) == ("pending", EVENING + timedelta(hours=2))


def test_erased_account_is_neither_mailed_nor_notified(office: Office) -> None:
    waiting = office.programmes.holds("nudge", account=office.account)
    office.request(waiting)
    office.notify.hear("account.erased", office.account, role="client")
    late = office.programmes.holds("pair-ended", account=office.account)
    office.request(late)
    office.send()
    assert (office.delivery(waiting), office.delivery(late), office.box.mails) == ({}, {}, [])
    assert office.notify.database["notifications"].count_documents({"account": office.account}) == 0


def test_operators_see_a_failing_mail_without_its_recipient(office: Office) -> None:
    message_id = office.programmes.holds("nudge")
    office.request(message_id)
    office.box.answer = "550 no such mailbox"
    office.send()
    office.box.answer = "250 OK"
    (item,) = office.notify.get("operator", "/api/operations/deliveries")["items"]
    assert (item["id"], item["account"], item["kind"], item["state"]) == (f"{message_id}.email", None, "nudge", "dead")
    assert "anne" not in str(item)
