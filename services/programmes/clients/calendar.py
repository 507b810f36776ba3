"""A session as an iCalendar file (RFC 5545), for the calendars of the two who meet.

Times are in UTC, so each calendar shows them in its own zone. Neither people's addresses nor the note of the two stand
in it, because calendars are often shared with colleagues.
"""

import unicodedata
from datetime import UTC, datetime

from icalendar import Calendar, Event

from services.programmes.model.sessions import CANCELLED, Session

PRODUCT = "-//Releve//Programmes//FR"
SUMMARIES = {"fr": "Mentorat avec {partner}", "en": "Mentoring with {partner}"}
NAMELESS = {"fr": "Rencontre de mentorat", "en": "Mentoring meeting"}
DESCRIPTIONS = {
    "fr": "Rencontre du programme {programme}.\n{topic}Agenda et questions : {page}",
    "en": "A meeting of the programme {programme}.\n{topic}Agenda and questions: {page}",
}
TYPE = "text/calendar; charset=utf-8"


def calendar(
    session: Session, *, partner: str, programme: str, topic: str, page: str, language: str, stamp: datetime
) -> bytes:
    """The file for one of the two. ``partner`` may be empty; ``stamp`` is when the file is made.

    The UID stays the same for the session, and SEQUENCE rises when it is moved, so that a calendar which reads the file
    again replaces the entry. A cancelled session has the method CANCEL, which removes it.
    """
    cancelled = session.state == CANCELLED
    whole = Calendar()
    whole.add("PRODID", PRODUCT)
    whole.add("VERSION", "2.0")
    whole.add("CALSCALE", "GREGORIAN")
    whole.add("METHOD", "CANCEL" if cancelled else "PUBLISH")
    event = Event()
    event.add("UID", f"{session.id}@releve")
    event.add("SEQUENCE", session.sequence)
    event.add("DTSTAMP", stamp.astimezone(UTC))
    event.add("CREATED", session.created_at.astimezone(UTC))
    event.add("LAST-MODIFIED", (session.changed_at or session.created_at).astimezone(UTC))
    event.add("DTSTART", session.starts_at.astimezone(UTC))
    event.add("DTEND", session.ends_at.astimezone(UTC))
    summary = SUMMARIES[language].format(partner=partner) if partner else NAMELESS[language]
    told = {"programme": programme, "topic": f"{topic}\n" if topic else "", "page": page}
    event.add("SUMMARY", _plain(summary))
    event.add("DESCRIPTION", _plain(DESCRIPTIONS[language].format(**told)))
    if session.place:
        event.add("LOCATION", _plain(session.place))
    event.add("URL", page)
    event.add("STATUS", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("CLASS", "PRIVATE")
    event.add("TRANSP", "OPAQUE")
    whole.add_component(event)
    return bytes(whole.to_ical())


def _plain(text: str) -> str:
    """The text without control characters, which no calendar may hold (RFC 5545, 3.1); line breaks stay."""
    lines = "\n".join(text.splitlines())
    return "".join(one for one in lines if one == "\n" or unicodedata.category(one) != "Cc")
