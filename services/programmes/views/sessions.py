"""Sessions as their readers see them: the two read everything, those who run the programme no note."""

from collections.abc import Sequence

from chassis.mongo import Document
from services.programmes.model.couples import Couple
from services.programmes.model.sessions import CANCELLED, HELD, Session

SHOWN = ("id", "state", "starts_at", "ends_at", "minutes", "timezone", "place", "agenda", "created_at", "changed_at")


def session_view(session: Session, couple: Couple) -> Document:
    """A session; the note is shown to the two alone. ``starts_locally`` is the time in the session's zone."""
    view: Document = {name: getattr(session, name) for name in SHOWN} | refs_of(couple)
    view["starts_locally"] = session.local_start.isoformat(timespec="minutes")
    view["moved_from"] = [move.from_at for move in session.moves]
    if couple.caller is not None:
        view["note"] = session.note
    return view


def refs_of(couple: Couple) -> Document:
    """The refs of the two; None for somebody erased."""
    return {
        "mentor": couple.mentor.ref if couple.mentor else None,
        "mentee": couple.mentee.ref if couple.mentee else None,
    }


def meetings_view(couple: Couple, sessions: Sequence[Session]) -> Document:
    """How often a pair has met. The two read the sessions themselves, too."""
    held = [one for one in sessions if one.state == HELD]
    ahead = [one for one in sessions if one.ahead]
    view: Document = refs_of(couple) | {
        "state": couple.pair.state,
        "held": len(held),
        "ahead": len(ahead),
        "cancelled": sum(one.state == CANCELLED for one in sessions),
        "last_held_at": max((one.starts_at for one in held), default=None),
        "next_at": min((one.starts_at for one in ahead), default=None),
    }
    if couple.caller is not None:
        view["sessions"] = [session_view(one, couple) for one in sessions]
    return view
