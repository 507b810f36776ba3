"""The rules of a mentor's profile: what may stand in it, and how many invitations a week it takes. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from chassis.facts import Fact, Refusal
from contracts.facts import ProfileChanged
from contracts.market import DAYS_ARE_MEANT_IN, DEFAULT_ZONE
from contracts.scan import contact_data
from contracts.vocabulary import exists, suggest
from services.matching.model import Listed
from services.matching.ranking import Candidate, Reason

WEEK = timedelta(days=7)
SUGGESTED = 3
"""How many unknown skills are given suggestions: each takes milliseconds."""
SHOWN = ("display_name", "headline", "school", "bio")
"""What clients read before the award."""


def day_of(now: datetime) -> date:
    """The day that it is for the market."""
    return now.astimezone(DAYS_ARE_MEANT_IN).date()


def check_profile(body: Mapping[str, Any], now: datetime) -> None:
    """Whether a profile can be meant: ``invalid`` names each field that cannot, with suggestions for unknown skills.

    ``contact-data``: clients see the card before they choose, and write through the platform.
    """
    unknown = [skill for skill in body["skills"] if not exists(skill)]
    suggestions = {skill: suggest(skill) if place < SUGGESTED else [] for place, skill in enumerate(unknown)}
    errors = [
        {"field": f"skills.{place}", "message": _unknown(suggestions[skill])}
        for place, skill in enumerate(body["skills"])
        if skill in suggestions
    ]
    if body["available_from"] and date.fromisoformat(body["available_from"]) < day_of(now):
        errors.append({"field": "available_from", "message": "This day is past."})
    if errors:
        raise Refusal("invalid", errors=errors, extra={"suggestions": suggestions} if suggestions else None)
    found = [(name, leak) for name in SHOWN for leak in contact_data(body[name])]
    if found:
        places = [{"field": name, "message": f"{leak.kind} at {leak.start}"} for name, leak in found]
        raise Refusal("contact-data", "Take the contact data out of your profile.", errors=places)


def _unknown(suggested: Sequence[str]) -> str:
    return f"Not in the vocabulary; perhaps: {', '.join(suggested)}." if suggested else "Not in the vocabulary."


def news_of(account: str, kept: Mapping[str, Any] | None, zone: str) -> list[Fact]:
    """What a profile that names ``zone`` says to others: the zone, where they take it for another one."""
    known = kept["timezone"] if kept else DEFAULT_ZONE
    return [] if zone == known else [ProfileChanged(account=account, timezone=zone)]


def recent(invited_at: Sequence[datetime], now: datetime) -> list[datetime]:
    """The invitations of the last seven days."""
    return sorted(moment for moment in invited_at if moment > now - WEEK)


def may_be_invited(profile: Mapping[str, Any], now: datetime) -> bool:
    """Whether the mentor takes one more invitation now: not paused, and the weekly cap not reached."""
    taken = len(recent(profile["invited_at"], now))
    return not profile["paused"] and taken < profile["weekly_invitations"]


def free_from(invited_at: Sequence[datetime], cap: int) -> datetime | None:
    """When the weekly cap will let another invitation through; None when it does already, or never will (cap 0)."""
    if not cap or len(invited_at) < cap:
        return None
    return sorted(invited_at)[-cap] + WEEK


def candidate(profile: Mapping[str, Any]) -> Candidate:
    """What the ranking reads of a profile; it knows the mentor by the account."""
    return Candidate(
        mentor=profile["_id"],
        skills=tuple(profile["skills"]),
        languages=tuple(profile["languages"]),
        day_rate_minor=profile["day_rate"]["amount"],
        currency=profile["day_rate"]["currency"],
        available_from=date.fromisoformat(profile["available_from"]) if profile["available_from"] else None,
        paused=profile["paused"],
        headline=profile["headline"],
        bio=profile["bio"],
    )


def listed(profile: Mapping[str, Any], why: tuple[Reason, ...]) -> Listed:
    """The mentor's place in a list, with the names that conflicts are judged by from now on."""
    excluded = tuple(profile["excluded_organisations"])
    return Listed(profile["_id"], profile["mentor_id"], profile["school"], excluded, why)
