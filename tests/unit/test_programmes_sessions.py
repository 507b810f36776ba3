"""Sessions of a pair, and their calendar files."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from chassis.facts import Refusal
from services.programmes.clients.calendar import calendar
from services.programmes.model.pairs import ACTIVE, ENDED_EARLY, PROPOSED, Pair
from services.programmes.model.sessions import MOST, MOST_MOVES, Session, check_number, new_session

NOW = datetime(2031, 3, 26, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
CONTENT_LINE = re.compile(rb'^[A-Z-]+(;[A-Z-]+=("[^"]*"|[^";:,]+))*:[^\x00-\x08\x0a-\x1f\x7f]*$')


def pair(state: str = ACTIVE) -> Pair:
    return Pair("p:a:b", "p", "a", "b", NOW - 10 * DAY, state=state)


def session(starts_at: datetime = NOW + DAY, **body: Any) -> Session:
    return new_session("s1", pair(), {"starts_at": starts_at, **body}, "", NOW)


def refused(name: str, change: Any) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        change()
    assert refusal.value.name == name
    return refusal.value


# The rules of a session.


def test_session_is_planned_for_an_hour_in_the_zone_of_its_participant() -> None:
    planned = new_session("s1", pair(), {"starts_at": NOW + DAY}, "America/Montreal", NOW)
    assert (planned.state, planned.minutes, planned.timezone) == ("planned", 60, "America/Montreal")
    assert planned.local_start.hour == 5
    assert session().timezone == "Europe/Paris"


def test_time_is_shown_on_both_sides_of_the_clock_change() -> None:
    before = session(datetime(2031, 3, 29, 12, 0, tzinfo=UTC))
    after = session(datetime(2031, 3, 30, 12, 0, tzinfo=UTC))
    assert (before.local_start.hour, after.local_start.hour) == (13, 14)


@pytest.mark.parametrize("state", [PROPOSED, ENDED_EARLY])
def test_session_of_a_pair_that_is_not_active_is_refused(state: str) -> None:
    refused("pair-not-active", lambda: new_session("s1", pair(state), {"starts_at": NOW + DAY}, "", NOW))


@pytest.mark.parametrize(
    ("state", "starts_at"),
    [
        ("planned", NOW),
        ("planned", NOW - DAY),
        ("planned", NOW + 367 * DAY),
        ("held", NOW + timedelta(minutes=1)),
        ("held", NOW - 367 * DAY),
        ("cancelled", NOW - 367 * DAY),
    ],
)
def test_session_at_an_impossible_time_is_refused(state: str, starts_at: datetime) -> None:
    refusal = refused("invalid", lambda: session(starts_at, state=state))
    assert refusal.errors[0]["field"] == "starts_at"


def test_session_that_was_held_is_logged_afterwards() -> None:
    held = session(NOW - DAY, state="held", minutes=75, agenda="data")
    assert (held.state, held.minutes, held.agenda, held.ahead) == ("held", 75, "data", False)


def test_moving_a_session_keeps_its_history() -> None:
    one = session()
    assert one.change({"starts_at": NOW + 3 * DAY}, NOW)
    assert one.change({"state": "moved", "starts_at": NOW + 5 * DAY}, NOW + DAY / 2)
    assert (one.state, one.starts_at, one.sequence) == ("moved", NOW + 5 * DAY, 2)
    assert [(move.from_at, move.at) for move in one.moves] == [(NOW + DAY, NOW), (NOW + 3 * DAY, NOW + DAY / 2)]


def test_moving_without_another_time_is_refused() -> None:
    one = session()
    refused("invalid", lambda: one.change({"state": "moved"}, NOW))
    refused("invalid", lambda: one.change({"state": "moved", "starts_at": one.starts_at}, NOW))
    refused("invalid", lambda: one.change({"starts_at": NOW - DAY}, NOW))


def test_session_is_held_at_its_time_or_at_the_real_one() -> None:
    one = session()
    refused("invalid", lambda: one.change({"state": "held"}, NOW))
    assert one.change({"state": "held", "starts_at": NOW + DAY / 2, "minutes": 45}, NOW + DAY)
    assert (one.state, one.starts_at, one.minutes) == ("held", NOW + DAY / 2, 45)


def test_cancelled_session_keeps_its_time_and_raises_the_sequence() -> None:
    one = session()
    refused("invalid", lambda: one.change({"state": "cancelled", "starts_at": NOW + 2 * DAY}, NOW))
    assert one.change({"state": "cancelled"}, NOW)
    assert (one.state, one.starts_at, one.sequence) == ("cancelled", NOW + DAY, 1)


@pytest.mark.parametrize("state", ["held", "cancelled"])
def test_session_that_is_over_is_neither_moved_nor_revived(state: str) -> None:
    one = session(NOW - DAY, state=state)
    refused("session-over", lambda: one.change({"starts_at": NOW + DAY}, NOW))
    for other in {"planned", "held", "cancelled"} - {state}:
        refused("session-over", lambda other=other: one.change({"state": other}, NOW))
    assert one.change({"state": state, "minutes": 30, "note": "Très utile."}, NOW)
    assert (one.minutes, one.note) == (30, "Très utile.")


def test_note_and_agenda_alone_are_no_change_for_the_other_side() -> None:
    one = session()
    assert not one.change({"note": "Apporter un exemple.", "agenda": "data", "timezone": "Europe/Madrid"}, NOW)
    assert one.sequence == 0
    assert one.change({"place": "Salle Éole"}, NOW)
    assert one.sequence == 1


def test_session_moved_too_often_is_refused() -> None:
    one = session()
    for hours in range(MOST_MOVES):
        one.change({"starts_at": NOW + 2 * DAY + timedelta(hours=hours)}, NOW)
    refused("too-many-sessions", lambda: one.change({"starts_at": NOW + 9 * DAY}, NOW))
    assert one.change({"state": "cancelled"}, NOW)


def test_pair_has_a_largest_number_of_sessions() -> None:
    check_number(MOST - 1)
    refused("too-many-sessions", lambda: check_number(MOST))


# Calendar files.


def file_of(one: Session, **changes: Any) -> bytes:
    told = {"partner": "Camille Durand", "programme": "Vingt avec vingt", "topic": "", "page": "https://r.example/pair"}
    return calendar(one, **{**told, "language": "fr", "stamp": NOW, **changes})


def event_in(content: bytes) -> Any:
    return Calendar.from_ical(content).walk("VEVENT")[0]


def check_structure(content: bytes) -> list[bytes]:
    """Checks RFC 5545's rules for lines and for required properties; returns the unfolded lines."""
    assert content.endswith(b"\r\n")
    folded = content[:-2].split(b"\r\n")
    assert all(len(line) <= 75 for line in folded), max(map(len, folded))
    for line in folded:
        line.decode()  # no character is split between two lines
        assert b"\n" not in line
        assert b"\r" not in line
    lines = content[:-2].replace(b"\r\n ", b"").split(b"\r\n")
    for line in lines:
        assert CONTENT_LINE.match(line), line
    names = [re.split(b"[:;]", line)[0].decode() for line in lines]
    assert lines[0] == b"BEGIN:VCALENDAR"
    assert lines[-2:] == [b"END:VEVENT", b"END:VCALENDAR"]
    assert names.count("BEGIN") == names.count("END") == 2
    for once in ("VERSION", "PRODID", "METHOD", "UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE", "SUMMARY", "STATUS"):
        assert names.count(once) == 1, once
    assert not {"ORGANIZER", "ATTENDEE"} & set(names)
    return lines


def test_calendar_file_holds_the_session_in_utc() -> None:
    content = file_of(session(place="Salle Éole", minutes=90, timezone="America/Montreal"))
    lines = check_structure(content)
    assert b"VERSION:2.0" in lines
    assert b"METHOD:PUBLISH" in lines
    event = event_in(content)
    assert event["UID"] == "s1@releve"
    assert event.start == NOW + DAY
    assert event.end == NOW + DAY + timedelta(minutes=90)
    assert event["DTSTAMP"].dt == NOW
    assert event["SUMMARY"] == "Mentorat avec Camille Durand"
    assert event["LOCATION"] == "Salle Éole"
    assert b"DTSTART:20310327T090000Z" in lines


def test_moved_session_keeps_its_uid_and_raises_its_sequence() -> None:
    one = session()
    first = event_in(file_of(one))
    one.change({"starts_at": NOW + 2 * DAY}, NOW)
    moved = event_in(file_of(one, stamp=NOW + DAY))
    assert (first["UID"], first["SEQUENCE"]) == (moved["UID"], moved["SEQUENCE"] - 1)
    assert moved.start == NOW + 2 * DAY


def test_cancelled_session_is_removed_from_calendars() -> None:
    one = session()
    one.change({"state": "cancelled"}, NOW)
    lines = check_structure(file_of(one))
    assert b"METHOD:CANCEL" in lines
    assert b"STATUS:CANCELLED" in lines
    assert b"SEQUENCE:1" in lines


def test_texts_in_a_calendar_file_are_escaped_and_folded() -> None:
    partner = "Zoé ; l'aînée, \\ d'Été " * 8
    place = "3e étage, porte B ; sonner\nEND:VEVENT\r\nBEGIN:VALARM"
    content = file_of(session(place=place), partner=partner, programme="Un\r\nMETHOD:CANCEL", topic="Les données")
    check_structure(content)
    event = event_in(content)
    assert event["SUMMARY"] == f"Mentorat avec {partner}"
    assert event["LOCATION"].replace("\r\n", "\n") == place.replace("\r\n", "\n")
    assert event["DESCRIPTION"].splitlines()[-2:] == ["Les données", "Agenda et questions : https://r.example/pair"]


def test_control_characters_are_left_out_of_a_calendar_file() -> None:
    content = file_of(session(place="Salle\x0b\x07 Éole\x1b[31m"), partner="Zo\x00é\x85 Durand")
    check_structure(content)
    assert event_in(content)["LOCATION"] == "Salle\n Éole[31m"
    assert event_in(content)["SUMMARY"] == "Mentorat avec Zoé\n Durand"


def test_note_of_the_two_is_not_in_their_calendars() -> None:
    content = file_of(session(note="Ne dire à personne"), language="en", partner="")
    check_structure(content)
    assert b"personne" not in content
    assert event_in(content)["SUMMARY"] == "Mentoring meeting"
