"""A day's mails sent as one digest, on a real MongoDB and SMTP server. The clock is an argument, so no test waits."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta

import pytest

from chassis.mongo import Document, Documents
from chassis.unit import UnitOfWork
from contracts.events import CONTRACT
from services.notify.config import Config
from services.notify.jobs.deliveries import Postman
from services.notify.model.deliveries import NET, digest_id
from services.notify.model.mailing import next_clock
from services.notify.model.people import Person
from services.notify.store import people
from tests.kit.clock import HandClock
from tests.kit.notify import Accounts, Letterbox, Story, config_of, smtp_server
from tests.kit.services import Running

SECOND = timedelta(seconds=1)


class Day:
    """A person with a daily digest, a postman whose clock the test sets, and events of the person's projects."""

    def __init__(self, work: UnitOfWork, accounts: Accounts, config: Config) -> None:
        self.work, self.database = work, work.database
        self.story = Story(work)
        self.person = self.story.who("a")
        accounts.people[self.person] = {"email": "a@example.org", "display_name": "Inès", "locale": "fr"}
        self.now = self.story.posted_at + SECOND
        timed = UnitOfWork(self.database, "notify", CONTRACT, clock=HandClock(lambda: self.now))
        self.postman = Postman(timed, config, lambda: 0.5)
        self.prefer(digest="daily")
        self.morning = next_clock(time(8), "Europe/Paris", self.now)

    def prefer(self, **wish: object) -> None:
        person = Person(self.person).preferring(wish)
        self.work.run(lambda unit: people.save_preferences(unit, person))

    def other_project(self) -> Story:
        """Another project that the same person is invited to."""
        story = Story(self.work)
        story.who = lambda name: self.person if name == "a" else f"{story.id}-{name}"  # type: ignore[method-assign]
        return story

    def lost(self, story: Story, title: str) -> None:
        """The person quoted and was not chosen."""
        story.happens(story.posted(title), story.settled(a="not_chosen"))

    def pass_until(self, at: datetime) -> None:
        """Runs everything that is due at that time."""
        self.now = at
        while self.postman.deliver_some():
            pass

    def states(self, kind: str = "not-chosen") -> list[str]:
        return [row["state"] for row in self.deliveries(kind)]

    def deliveries(self, kind: str) -> list[Document]:
        return list(self.database["deliveries"].find({"account": self.person, "kind": kind}).sort("created_at", 1))


@pytest.fixture
def accounts() -> Iterator[Accounts]:
    with Accounts() as server:
        yield server


@pytest.fixture
def letterbox() -> Iterator[tuple[Letterbox, int]]:
    with smtp_server(enable_SMTPUTF8=True) as server:
        yield server


@pytest.fixture
def work(database: Documents) -> UnitOfWork:
    return Running("notify", database).work


@pytest.fixture
def day(work: UnitOfWork, accounts: Accounts, letterbox: tuple[Letterbox, int]) -> Iterator[Day]:
    day = Day(work, accounts, config_of(accounts.url, letterbox[1]))
    yield day
    day.postman.rest()


@pytest.fixture
def box(letterbox: tuple[Letterbox, int]) -> Letterbox:
    return letterbox[0]


def plain(box: Letterbox) -> str:
    return str(box.mails[-1].get_body(("plain",)).get_content())  # type: ignore[union-attr]


def test_days_notifications_are_sent_as_one_mail_at_the_persons_hour(day: Day, box: Letterbox) -> None:
    day.lost(day.story, "CRM")
    day.pass_until(day.now)
    day.lost(day.other_project(), "Podcast")
    day.pass_until(day.morning - SECOND)
    assert (box.mails, day.states()) == ([], ["gathered"] * 2)
    day.pass_until(day.morning)
    assert len(box.mails) == 1
    assert box.mails[0]["Subject"] == "Votre résumé du jour sur Relève"
    assert box.mails[0]["Message-ID"].startswith(f"<{digest_id(day.person, day.morning)}@")
    assert plain(box).count("* ") == 2
    assert all(title in plain(box) for title in ("CRM", "Podcast"))
    rows = day.deliveries("not-chosen")
    assert [(row["state"], row["digest"], row["sent_at"]) for row in rows] == [
        ("digested", digest_id(day.person, day.morning), day.morning)
    ] * 2
    assert day.states("digest") == ["sent"]
    day.pass_until(day.morning + timedelta(days=2))
    assert len(box.mails) == 1, "an empty digest is not sent"


def test_urgent_mail_is_not_delayed_by_the_digest(day: Day, box: Letterbox) -> None:
    day.story.happens(day.story.posted(), day.story.invited("a"))
    day.pass_until(day.now)
    assert [mail["Subject"] for mail in box.mails] == ["Un projet vous attend : « CRM »"]
    assert day.deliveries("digest") == []


def test_digest_omits_stale_items_and_is_not_sent_when_empty(day: Day, box: Letterbox) -> None:
    day.lost(day.story, "CRM")
    day.pass_until(day.now)
    day.prefer(digest="daily", kinds={"not-chosen": {"email": False}})
    day.pass_until(day.morning)
    assert (box.mails, day.states()) == ([], ["suppressed"])
    (digest,) = day.deliveries("digest")
    assert (digest["state"], digest["reason"]) == ("suppressed", "empty")


def test_failed_digest_is_retried_with_the_same_message_id_and_items(day: Day, box: Letterbox) -> None:
    day.lost(day.story, "CRM")
    day.pass_until(day.now)
    box.answer = "451 not now"
    day.pass_until(day.morning)
    assert (day.states(), day.states("digest")) == (["gathered"], ["retrying"])
    day.pass_until(day.morning + NET)
    assert day.states() == ["gathered"], "the item stays in its digest"
    box.answer = "250 OK"
    day.pass_until(day.morning + timedelta(hours=1))
    assert (len(box.mails), day.states(), day.states("digest")) == (1, ["digested"], ["sent"])
    assert box.mails[0]["Message-ID"].startswith(f"<{digest_id(day.person, day.morning)}@")


def test_item_too_late_for_its_digest_is_in_the_next(day: Day, box: Letterbox) -> None:
    day.lost(day.story, "CRM")
    day.pass_until(day.now)
    day.database["deliveries"].delete_one({"kind": "digest"})
    day.pass_until(day.morning + NET)
    assert box.mails == []
    day.pass_until(day.morning + timedelta(days=1, hours=2))
    assert (len(box.mails), day.states()) == (1, ["digested"])


def test_digest_sent_by_a_worker_that_then_died_is_not_resent(day: Day, box: Letterbox) -> None:
    day.lost(day.story, "CRM")
    day.pass_until(day.morning - SECOND)
    gathered = {"$set": {"state": "digested", "sent_at": day.morning}, "$unset": {"due_at": ""}}
    day.database["deliveries"].update_one({"kind": "not-chosen"}, gathered)
    day.pass_until(day.morning)
    assert (box.mails, day.states("digest")) == ([], ["sent"])


@pytest.mark.parametrize(("locale", "subject"), [("fr", "Votre résumé du jour"), ("en", "Your daily summary")])
def test_digest_is_in_the_persons_language(
    day: Day, box: Letterbox, accounts: Accounts, locale: str, subject: str
) -> None:
    accounts.people[day.person]["locale"] = locale
    day.lost(day.story, "CRM")
    day.pass_until(day.now)
    day.pass_until(day.morning)
    assert box.mails[0]["Subject"].startswith(subject)


def test_deliveries_of_an_unknown_person_are_dropped(day: Day, box: Letterbox, accounts: Accounts) -> None:
    day.lost(day.story, "CRM")
    day.pass_until(day.now)
    accounts.people.clear()
    day.pass_until(day.morning)
    assert (box.mails, day.states(), day.states("digest")) == ([], ["suppressed"], ["suppressed"])
