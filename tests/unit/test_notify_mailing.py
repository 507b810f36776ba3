"""Whether and when a mail is sent, its format, and the recipients' preferences."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.facts import Refusal
from chassis.settings import BadSetting
from services.notify.config import Config, read_quiet_hours
from services.notify.model.audience import KINDS, NEEDED
from services.notify.model.deliveries import Delivery
from services.notify.model.headers import BadAddress
from services.notify.model.mailing import TRIES, Plan, backoff, plan, quiet_until
from services.notify.model.mails import Address, Letterhead, compose
from services.notify.model.people import Person, QuietHours
from services.notify.model.project import Project
from services.notify.model.texts import Words
from services.notify.store.people import person_from, preference_row
from tests.kit.notify import TOKENS

NIGHT = QuietHours(on=True, start=time(20), end=time(8))
NEVER = QuietHours(on=False)
EVENING = datetime(2026, 11, 23, 21, 0, tzinfo=UTC)  # 22:00 in Paris
MORNING = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
CONFIG = Config.read(TOKENS | {"RELEVE_PUBLIC_URL": "https://releve.example/"})


def project(hours: float = 48, **changes: Any) -> Project:
    return Project("p", "CRM", ["client"], EVENING, timedelta(hours=hours), **changes)


def planned(
    kind: str, known: Project | None, quiet: QuietHours = NIGHT, now: datetime = EVENING, **changes: Any
) -> Plan:
    delivery = replace(Delivery("n.email", "a", kind, EVENING, EVENING, EVENING), **changes)
    return plan(delivery, known, True, quiet, "Europe/Paris", now)


def test_invitation_at_night_waits_if_window_outlasts_quiet_hours() -> None:
    assert planned("invited", project()) == Plan("wait", until=MORNING)
    assert planned("invited", project(), now=MORNING).action == "send"
    assert planned("invited", project(), quiet=NEVER).action == "send"


@pytest.mark.parametrize("hours", [0.001, 9.9, 10])
def test_invitation_is_immediate_if_window_ends_before_morning(hours: float) -> None:
    assert planned("invited", project(hours)).action == "send"


@pytest.mark.parametrize("kind", ["chosen", "round-over", "project-cancelled", "window-ended"])
def test_notification_after_the_window_waits_for_the_morning(kind: str) -> None:
    over = project(0.001, ended={"reason": "full", "quoted": []})
    assert planned(kind, over) == Plan("wait", until=MORNING)


@pytest.mark.parametrize("kind", ["invited", "deadline-near"])
@pytest.mark.parametrize(
    "known",
    [
        project(0),
        project(ended={"reason": "full", "quoted": []}),
        project(cancelled=""),
        project(declined=["a"]),
        project(quoted=["a"]),
        None,
    ],
)
def test_stale_mail_is_dropped(kind: str, known: Project | None) -> None:
    assert planned(kind, known) == Plan("drop", "outdated")


def claiming(hours: float, **changes: Any) -> Project:
    """Its mentor was reminded of a claim that ends in so many hours."""
    until = EVENING + timedelta(hours=hours)
    return project(**{"claimed": ["a"], "claims_ending": {"a": {"at": EVENING, "until": until}}} | changes)


def test_claim_that_ends_at_night_is_mailed_at_night() -> None:
    assert planned("claim-ending", claiming(2)).action == "send"
    assert planned("claim-ending", claiming(12)) == Plan("wait", until=MORNING)
    assert planned("claim-ending", claiming(12), NEVER).action == "send"


@pytest.mark.parametrize(
    "known", [claiming(0), claiming(2, claimed=[], quoted=["a"]), claiming(2, cancelled=""), claiming(2, claimed=[])]
)
def test_mail_about_a_claim_that_is_over_is_dropped(known: Project) -> None:
    assert planned("claim-ending", known, NEVER) == Plan("drop", "outdated")


@pytest.mark.parametrize("kind", ["question-asked", "question-answered"])
def test_questions_are_mailed_while_the_window_is_open(kind: str) -> None:
    known: dict[str, Any] = {"asked": ["q"], "quoted": ["a"]}
    assert planned(kind, project(**known)) == Plan("wait", until=MORNING)
    assert planned(kind, project(9, **known)).action == "send"
    assert planned(kind, project(**known), NEVER).action == "send"
    assert planned(kind, project(0, **known), NEVER) == Plan("drop", "outdated")
    assert planned(kind, project(cancelled="", **known), NEVER) == Plan("drop", "outdated")


def test_client_without_open_questions_gets_no_question_mail() -> None:
    one_left: dict[str, Any] = {"asked": ["q1", "q2"], "answered": {"q1": EVENING}}
    none_left = {"q1": EVENING, "q2": EVENING}
    assert planned("question-asked", project(**one_left), NEVER).action == "send"
    assert planned("question-asked", project(**one_left | {"answered": none_left}), NEVER).reason == "outdated"


def test_mentor_who_declined_gets_no_mail_about_answers() -> None:
    assert planned("question-answered", project(declined=["a"]), NEVER) == Plan("drop", "outdated")


def test_window_about_to_be_extended_counts_as_open() -> None:
    assert planned("invited", project(0.001, auto_extend=True), NEVER, EVENING + timedelta(seconds=4)).action == "send"


def test_client_who_has_chosen_is_not_asked_to_choose() -> None:
    ended = {"reason": "full", "quoted": ["a"]}
    assert planned("window-ended", project(ended=ended), NEVER).action == "send"
    assert planned("window-ended", project(ended=ended, outcomes={"a": "accepted"}), NEVER).reason == "outdated"


def test_events_redelivered_much_later_are_not_mailed() -> None:
    assert planned("chosen", project(), NEVER, EVENING + timedelta(days=4)).reason == "stale"


def test_kind_switched_off_by_the_recipient_is_not_mailed() -> None:
    delivery = Delivery("n.email", "a", "chosen", EVENING, EVENING, EVENING)
    assert plan(delivery, project(), False, NEVER, "Europe/Paris", EVENING).reason == "unwanted"


@pytest.mark.parametrize(
    ("local", "until"),
    [("19:59", None), ("20:00", "08:00"), ("23:30", "08:00"), ("07:59", "08:00"), ("08:00", None), ("12:00", None)],
)
def test_quiet_hours_may_span_midnight(local: str, until: str | None) -> None:
    hour, minute = map(int, local.split(":"))
    now = datetime(2026, 6, 1, hour, minute, tzinfo=UTC) - timedelta(hours=2)
    found = quiet_until(NIGHT, "Europe/Paris", now)
    assert (found and f"{found + timedelta(hours=2):%H:%M}") == until
    assert found is None or timedelta(0) < found - now <= timedelta(hours=12)


def test_quiet_hours_end_by_local_time_when_clocks_go_forward() -> None:
    eve = datetime(2026, 3, 28, 22, 0, tzinfo=UTC)
    assert quiet_until(NIGHT, "Europe/Paris", eve) == datetime(2026, 3, 29, 6, 0, tzinfo=UTC)


def test_quiet_hours_within_one_day_and_in_another_zone() -> None:
    siesta = QuietHours(on=True, start=time(13), end=time(15))
    noon = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
    assert quiet_until(siesta, "Europe/Paris", noon) == noon + timedelta(hours=1)
    assert quiet_until(siesta, "Indian/Reunion", noon) is None


def test_failed_mail_is_retried_with_backoff_for_about_a_day() -> None:
    waits = [backoff(tries, 0.5) for tries in range(1, TRIES)]
    assert backoff(TRIES, 0.5) is None
    assert None not in waits
    assert waits == sorted(waits)  # type: ignore[type-var]
    assert timedelta(hours=18) < sum(filter(None, waits), timedelta(0)) <= timedelta(hours=24)
    assert backoff(1, 0.0) < backoff(1, 1.0)  # type: ignore[operator]


@pytest.mark.parametrize("text", ["20:00", "8-20", "24:00-08:00", "20:00-08:00-", "NONE"])
def test_invalid_quiet_hours_are_refused_at_startup(text: str) -> None:
    with pytest.raises(BadSetting, match="RELEVE_QUIET_HOURS"):
        read_quiet_hours(text)


def test_settings_have_their_documented_defaults() -> None:
    assert CONFIG.quiet_hours == NIGHT
    assert (CONFIG.smtp.host, CONFIG.smtp.port, CONFIG.smtp.tls) == ("127.0.0.1", 25, "none")
    assert CONFIG.streams == 192
    assert read_quiet_hours("none") == NEVER
    for wrong in ({"RELEVE_SMTP": "here"}, {"RELEVE_SMTP_TLS": "yes"}, {"RELEVE_MAIL_FROM": "nobody"}):
        with pytest.raises(BadSetting, match=next(iter(wrong))):
            Config.read(TOKENS | wrong)


def test_mail_has_automatic_headers_and_escaped_html() -> None:
    to = Address("zoé@exemple.fr", "Zoé <b>", "fr")
    words = Words("Un titre", "Ligne & <i>suite</i>", "Ouvrir")
    mail, again = (compose("d1.email", "n1", words, to, CONFIG.letterhead, at) for at in (EVENING, MORNING))
    assert mail["Message-ID"] == again["Message-ID"] == "<d1.email@releve.example>"
    assert mail["To"] == "zoé@exemple.fr"
    assert mail["From"] == "Relève <no-reply@releve.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe"] == "<https://releve.example/notifications/preferences>"
    one_click = compose("d1.email", "n1", words, to, CONFIG.letterhead, EVENING, "t0k3n")
    assert one_click["List-Unsubscribe"] == "<https://releve.example/unsubscribe/t0k3n>", "a page, which takes the POST"
    assert one_click["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    http = Letterhead("Relève <a@example.org>", "http://localhost:8080")
    assert compose("d", "n", words, to, http, EVENING, "t0k3n")["List-Unsubscribe-Post"] is None, "needs HTTPS"
    assert mail["Date"].endswith("+0000")
    plain, html = (part.get_content() for part in mail.iter_parts())
    assert "Bonjour Zoé <b>," in plain
    assert "https://releve.example/notifications/n1" in plain
    assert "Bonjour Zoé &lt;b&gt;," in html
    assert "&lt;i&gt;suite&lt;/i&gt;" in html


@pytest.mark.parametrize("email", ["", "nobody", "a@b\r\nBcc: c@d", "a@b, c@d", "<a@b>"])
def test_address_with_extra_recipients_is_refused(email: str) -> None:
    with pytest.raises(BadAddress):
        compose("d", "n", Words("t", "b", "o"), Address(email, "A", "en"), CONFIG.letterhead, EVENING)


def test_preferences_are_stored_as_given() -> None:
    wish = {
        "kinds": {"invited": {"in_app": True, "email": False}, "not-chosen": {"in_app": False, "email": True}},
        "quiet_hours": {"on": True, "start": "22:00", "end": "07:30"},
        "timezone": "America/Montreal",
    }
    person = Person("a", "en").preferring(wish)
    assert person_from("a", {**preference_row(person), "locale": "en"}) == person
    shown = person.preferences(NEVER)
    assert shown["kinds"]["invited"] == {"in_app": True, "email": False}
    assert shown["kinds"]["not-chosen"] == {"in_app": False, "email": True}
    assert set(shown["kinds"]) == set(KINDS)
    assert (shown["quiet_hours"], shown["timezone"]) == (wish["quiet_hours"], wish["timezone"])
    assert person.preferring({}) == Person("a", "en")


@pytest.mark.parametrize(
    ("chosen", "profile", "zone"),
    [
        (None, None, "Europe/Paris"),
        (None, "Asia/Tokyo", "Asia/Tokyo"),
        ("Indian/Reunion", None, "Indian/Reunion"),
        ("Indian/Reunion", "Asia/Tokyo", "Indian/Reunion"),
        ("Europe/Paris", "Asia/Tokyo", "Europe/Paris"),
    ],
)
def test_time_zone_of_preferences_overrides_the_profiles(chosen: str | None, profile: str | None, zone: str) -> None:
    person = Person("a", profile_zone=profile).preferring({"timezone": chosen} if chosen else {})
    kept = person_from("a", {**preference_row(person), "profile_zone": profile})
    assert (kept, kept.zone, kept.preferences(NEVER)["timezone"]) == (person, zone, zone)
    assert kept.preferring({}).zone == (profile or "Europe/Paris"), "an omitted preference returns to its default"


@pytest.mark.parametrize("kind", sorted(NEEDED))
def test_in_app_notifications_about_windows_cannot_be_switched_off(kind: str) -> None:
    with pytest.raises(Refusal) as refusal:
        Person("a").preferring({"kinds": {kind: {"in_app": False}}})
    assert refusal.value.name == "invalid"
    assert refusal.value.errors[0]["field"] == f"kinds.{kind}.in_app"


REPEATING = ("Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "America/St_Johns", "UTC")


@given(
    zone=st.sampled_from(REPEATING),
    now=st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),
    start=st.times(),
    end=st.times(),
)
def test_quiet_hours_end_after_now(zone: str, now: datetime, start: time, end: time) -> None:
    found = quiet_until(QuietHours(True, start, end), zone, now)
    assert found is None or now < found <= now + timedelta(hours=26)


@pytest.mark.parametrize("zone", REPEATING)
def test_quiet_hours_end_after_now_around_clock_changes(zone: str) -> None:
    night = QuietHours(True, time(22), time(2, 30))
    local = ZoneInfo(zone)
    hours = (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hour) for hour in range(365 * 24))
    changes = [hour for hour in hours if local.utcoffset(hour) != local.utcoffset(hour + timedelta(hours=1))]
    for change in changes:
        for minute in range(-240, 240):
            now = change + timedelta(minutes=minute)
            found = quiet_until(night, zone, now)
            assert found is None or found > now, (now, found)


def test_quiet_hours_end_within_the_repeated_hour() -> None:
    night = QuietHours(True, time(22), time(2, 30))
    assert quiet_until(night, "Europe/Paris", datetime(2026, 10, 25, 1, 15, tzinfo=UTC)) == datetime(
        2026, 10, 25, 1, 30, tzinfo=UTC
    )
