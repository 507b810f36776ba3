"""Views of profiles, invitations and skills for `schemas`, with texts in French or English."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from chassis.facts import Refusal
from chassis.http.pages import bad_cursor
from chassis.mongo import Document
from contracts.descriptors import descriptor
from services.matching.model import (
    TOLD,
    WRITTEN,
    Brief,
    Counts,
    Decision,
    Invitation,
    Profile,
    Record,
    Shortlist,
    ended_months,
    explain,
    outlook,
)

DECIDED = ("id", "kind", "wave", "at", "by", "reason", "inputs", "wanted", "rules")
CODES = {code: code.replace("-", "_") for code in TOLD}
"""The members of an answer by their codes."""
CARD = ("display_name", "headline", "school", "bio", "skills", "languages")


def brief_view(brief: Brief, locale: str) -> Document:
    """A project without its client."""
    return {
        "title": brief.title,
        "brief": brief.brief,
        "topics": brief.topics,
        "languages": brief.languages,
        "client": descriptor(brief.descriptor, locale),
    }


def invitation_view(invitation: Invitation, shortlist: Shortlist, locale: str) -> Document:
    """An invitation with its state."""
    return {
        "id": invitation.id,
        "project_id": shortlist.id,
        "state": shortlist.state_of(invitation.account, seen=invitation.seen_at is not None),
        "brief": brief_view(shortlist.known_brief, locale),
        "closes_at": shortlist.closes_at,
        "sent_at": invitation.created_at,
        **({"end": shortlist.end} if shortlist.end else {}),
        "why": explain(invitation.why, locale),
    }


def card_view(profile: Profile) -> Document:
    """A mentor's card; its id differs from the account's."""
    return {"id": profile.mentor_id, **{name: getattr(profile, name) for name in CARD}}


def profile_view(profile: Profile) -> Document:
    """A profile as its mentor wrote it, in the form that the PUT accepts."""
    return {name: value for name in WRITTEN if (value := getattr(profile, name)) is not None}


def export_view(
    profile: Profile | None,
    account: Document | None,
    invited: Sequence[tuple[Invitation, Shortlist]],
    posted: Sequence[Shortlist],
    record: Record | None,
    exposure: Document,
    locale: str,
) -> Document:
    """All data stored of one person.

    Places on the lists of open rounds are omitted: a mentor must not learn of projects without an invitation.
    """
    extra = ("created_at", "seen_at", "declined_at", "reason")
    mine = profile and {
        **profile_view(profile),
        "id": profile.mentor_id,
        "joined_at": profile.joined_at,
        "invited_at": profile.invited_at,
        "excludes_since": profile.excludes_since,
    }
    times = vars(profile) if profile else account
    return {
        "profile": mine,
        "account": times and {name: times.get(name) for name in ("registered_at", "verified_at")},
        "answers": record and {"quoted": round(record.quoted, 3), "missed": round(record.missed, 3)},
        "exposure": exposure["months"],
        "invitations": [
            {**invitation_view(row, of, locale), **{name: getattr(row, name) for name in extra}} for row, of in invited
        ],
        "projects": [
            {"project_id": of.id, "closes_at": of.closes_at, **brief_view(of.known_brief, locale)} for of in posted
        ],
    }


def exposure_view(months: Mapping[str, Counts], now: datetime) -> Document:
    """A mentor's exposure in the months that are over, newest first."""
    return {
        "months": [
            {"month": month, "eligible": sum(counts.values()), **{CODES[code]: counts[code] for code in TOLD}}
            for month, counts in ended_months(months, now)
        ]
    }


def chance_view(shortlist: Shortlist, chance: float) -> Document:
    """The chance of five quotes in time, and the word for it."""
    return {
        "project_id": shortlist.id,
        "closes_at": shortlist.closes_at,
        "chance": round(chance, 2),
        "outlook": outlook(chance),
        "ran_out": shortlist.ran_out,
    }


def unlikely_view(shortlist: Shortlist) -> Document:
    """A round with a poor chance, as of its last wave, for operators."""
    counts = {"invited": shortlist.invited, "received": len(shortlist.quoted)}
    return {**chance_view(shortlist, shortlist.shown or 0.0), **counts}


def decision_view(decision: Decision) -> Document:
    """A decision of the log, for operators."""
    known = vars(decision)
    return {name: known[name] for name in DECIDED} | {"mentors": list(decision.rows)}


def cut(items: Sequence[Any], query: Mapping[str, Any]) -> Document:
    """One page of a short list in memory; the cursor is the index of the next item, refused as ``invalid`` if wrong."""
    text = query["cursor"] or "0"
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Refusal("invalid", errors=[bad_cursor()])
    end = int(text) + query["limit"]
    return {"items": list(items[int(text) : end]), "next_cursor": str(end) if end < len(items) else None}
