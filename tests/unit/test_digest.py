"""The daily digest: which notifications wait for it, until when, and how the mail looks."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from marshmallow import ValidationError

from services.notify.config import Config
from services.notify.model.audience import KINDS, NEEDED
from services.notify.model.deliveries import Delivery, digest_id
from services.notify.model.mailing import Plan, next_clock, plan
from services.notify.model.mails import Address, compose_digest
from services.notify.model.people import Person, QuietHours
from services.notify.model.project import Project
from services.notify.schemas import PreferencesSchema
from services.notify.store.people import person_from, preference_row
from tests.kit.letters import Read, bodies_of
from tests.kit.notify import TOKENS

NEVER = QuietHours(on=False)
NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)  # 12:00 in Paris
MORNING = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)  # 8:00 in Paris
CONFIG = Config.read(TOKENS | {"RELEVE_PUBLIC_URL": "https://releve.example/"})


def planned(kind: str, *, hours: float = 48, quiet: QuietHours = NEVER, daily: time | None = time(8)) -> Plan:
    reminded = {"a": {"at": NOON, "until": NOON + timedelta(hours=hours)}}
    running: dict[str, Any] = {"asked": ["q"], "claimed": ["a"], "claims_ending": reminded}
    known = Project("p", "CRM", ["client"], NOON, timedelta(hours=hours), **running)
    delivery = Delivery("n.email", "a", kind, NOON, NOON, NOON)
    return plan(delivery, known, True, quiet, "Europe/Paris", NOON, daily)


@pytest.mark.parametrize("kind", sorted(set(KINDS) - NEEDED))
def test_non_urgent_notification_waits_for_the_digest_hour(kind: str) -> None:
    assert planned(kind) == Plan("gather", until=MORNING)
    assert planned(kind, daily=None).action == "send"


@pytest.mark.parametrize("kind", sorted(NEEDED))
def test_notification_that_affects_a_window_is_sent_immediately(kind: str) -> None:
    assert planned(kind).action == "send"


@pytest.mark.parametrize("kind", ["question-asked", "question-answered"])
def test_question_is_sent_immediately_if_window_ends_before_digest(kind: str) -> None:
    assert planned(kind, hours=19).action == "send"
    assert planned(kind, hours=21).action == "gather"


def test_chosen_digest_hour_overrides_quiet_hours() -> None:
    day = QuietHours(on=True, start=time(6), end=time(22))
    assert planned("not-chosen", quiet=day) == Plan("gather", until=MORNING)
    assert planned("chosen", quiet=day).action == "wait"
    assert planned("not-chosen", daily=time(0)).until == datetime(2026, 11, 23, 23, 0, tzinfo=UTC)


def test_digest_hour_follows_time_zone_and_daylight_saving() -> None:
    assert next_clock(time(8), "America/Montreal", NOON) == datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
    assert next_clock(time(8), "Europe/Paris", MORNING) == MORNING + timedelta(days=1)
    assert next_clock(time(8), "Europe/Paris", MORNING - timedelta(milliseconds=1)) == MORNING
    eve = datetime(2026, 3, 28, 22, 0, tzinfo=UTC)
    assert next_clock(time(8), "Europe/Paris", eve) == datetime(2026, 3, 29, 6, 0, tzinfo=UTC)


def test_digest_id_is_unique_per_recipient_and_time() -> None:
    assert digest_id("a", MORNING) == digest_id("a", MORNING.astimezone())
    assert len({digest_id("a", MORNING), digest_id("b", MORNING), digest_id("a", NOON)}) == 3


@pytest.mark.parametrize(
    ("language", "subject"), [("fr", "Votre résumé du jour sur Relève"), ("en", "Your daily summary from Relève")]
)
def test_digest_lists_notifications_with_links_in_the_recipients_language(language: str, subject: str) -> None:
    to = Address("zoe@exemple.fr", "Zoé", language)
    every = [("n1", "Un <titre>", "Première ligne."), ("n2", "Deux", "Seconde ligne.")]
    mails = [compose_digest("d.digest", every, to, CONFIG.letterhead, at) for at in (NOON, MORNING)]
    assert {mail["Message-ID"] for mail in mails} == {"<d.digest@releve.example>"}
    assert (mails[0]["Subject"], mails[0]["Content-Language"]) == (subject, language)
    assert mails[0]["List-Unsubscribe"] == "<https://releve.example/notifications/preferences>"
    plain, html = bodies_of(mails[0])
    assert "* Un <titre>\n  Première ligne.\n  https://releve.example/notifications/n1\n" in plain
    assert Read(html).links[:2] == [f"https://releve.example/notifications/{id}" for id in ("n1", "n2")]
    assert ">Un &lt;titre&gt;</a><br>Première ligne.</li>" in html


def test_digest_preference_is_stored_and_defaults_to_immediate() -> None:
    person = Person("a").preferring({"digest": "daily", "digest_at": "18:30"})
    assert person_from("a", preference_row(person)) == person
    shown = person.preferences(NEVER)
    assert (shown["digest"], shown["digest_at"]) == ("daily", "18:30")
    assert (person.gathers_until, person.preferring({}).gathers_until) == (time(18, 30), None)
    assert Person("a").preferring({"digest": "daily"}).gathers_until == time(8)
    assert person_from("a", {"chosen_zone": "Europe/Paris"}).digest == "at-once"


@pytest.mark.parametrize(
    "wish", [{"digest": "weekly"}, {"digest": True}, {"digest": None}, {"digest_at": "8:00"}, {"digest_at": "24:00"}]
)
def test_invalid_digest_preference_is_refused(wish: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        PreferencesSchema().load(wish)
