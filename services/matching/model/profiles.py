"""The rules of a mentor's profile: what may stand in it, and how many invitations a week it takes. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from typing import Any

from chassis.facts import Fact, Refusal
from contracts.facts import ProfileChanged
from contracts.market import DAYS_ARE_MEANT_IN, DEFAULT_ZONE
from contracts.scan import contact_data
from contracts.vocabulary import exists, suggest
from services.matching.model.listed import Listed
from services.matching.model.ranking import Candidate
from services.matching.model.reasons import Reason

WEEK = timedelta(days=7)
SUGGESTED = 3
"""How many unknown skills are given suggestions: each takes milliseconds."""
SHOWN = ("display_name", "headline", "school", "bio")
"""What clients read before the award."""


@dataclass(frozen=True)
class Written:
    """What a mentor writes of themselves; ``available_from`` is a day as ``YYYY-MM-DD``, ``day_rate`` is money."""

    display_name: str
    headline: str
    school: str
    bio: str
    skills: list[str]
    languages: list[str]
    day_rate: Mapping[str, Any]
    weekly_invitations: int
    available_from: str | None
    excluded_organisations: list[str]
    timezone: str
    paused: bool


@dataclass(frozen=True)
class Profile(Written):
    """A mentor's profile; ``mentor_id`` is the id of its card, which is not the account's.

    ``invited_at`` are the invitations that count for the weekly cap, ``free_from`` is when the cap lets another one
    through, None where it does.
    """

    account: str
    mentor_id: str
    joined_at: datetime
    invited_at: list[datetime] = field(default_factory=list)
    free_from: datetime | None = None
    version: int = 0

    def rewritten(self, written: Written) -> "Profile":
        """The profile as the mentor writes it anew."""
        changed = replace(self, **{name: getattr(written, name) for name in WRITTEN})
        return replace(changed, free_from=free_from(self.invited_at, written.weekly_invitations))

    def invited(self, now: datetime) -> "Profile":
        """The profile with one invitation more."""
        invited_at = [*recent(self.invited_at, now), now]
        return replace(self, invited_at=invited_at, free_from=free_from(invited_at, self.weekly_invitations))

    def is_busy(self, now: datetime) -> bool:
        """Whether the weekly cap is reached, as of the last invitation."""
        return self.free_from is not None and self.free_from > now


WRITTEN = tuple(field.name for field in fields(Written))
"""The names of what a mentor writes."""


def first_profile(account: str, mentor_id: str, written: Written, now: datetime) -> Profile:
    """A mentor's first profile."""
    return Profile(
        **{name: getattr(written, name) for name in WRITTEN}, account=account, mentor_id=mentor_id, joined_at=now
    )


def day_of(now: datetime) -> date:
    """The day that it is for the market."""
    return now.astimezone(DAYS_ARE_MEANT_IN).date()


def check_profile(written: Written, now: datetime) -> None:
    """Whether a profile can be meant: ``invalid`` names each field that cannot, with suggestions for unknown skills.

    ``contact-data``: clients see the card before they choose, and write through the platform.
    """
    unknown = [skill for skill in written.skills if not exists(skill)]
    suggestions = {skill: suggest(skill) if place < SUGGESTED else [] for place, skill in enumerate(unknown)}
    errors = [
        {"field": f"skills.{place}", "message": _unknown(suggestions[skill])}
        for place, skill in enumerate(written.skills)
        if skill in suggestions
    ]
    if written.available_from and date.fromisoformat(written.available_from) < day_of(now):
        errors.append({"field": "available_from", "message": "This day is past."})
    if errors:
        raise Refusal("invalid", errors=errors, extra={"suggestions": suggestions} if suggestions else None)
    found = [(name, leak) for name in SHOWN for leak in contact_data(getattr(written, name))]
    if found:
        places = [{"field": name, "message": f"{leak.kind} at {leak.start}"} for name, leak in found]
        raise Refusal("contact-data", "Take the contact data out of your profile.", errors=places)


def _unknown(suggested: Sequence[str]) -> str:
    return f"Not in the vocabulary; perhaps: {', '.join(suggested)}." if suggested else "Not in the vocabulary."


def news_of(account: str, known: str | None, zone: str) -> list[Fact]:
    """What a profile that names ``zone`` says to others: the zone, where they take it for another one.

    ``known`` is the zone of the profile before, None for a first one.
    """
    return [] if zone == (known or DEFAULT_ZONE) else [ProfileChanged(account=account, timezone=zone)]


def recent(invited_at: Sequence[datetime], now: datetime) -> list[datetime]:
    """The invitations of the last seven days."""
    return sorted(moment for moment in invited_at if moment > now - WEEK)


def may_be_invited(profile: Profile, now: datetime) -> bool:
    """Whether the mentor takes one more invitation now: not paused, and the weekly cap not reached."""
    taken = len(recent(profile.invited_at, now))
    return not profile.paused and taken < profile.weekly_invitations


def free_from(invited_at: Sequence[datetime], cap: int) -> datetime | None:
    """When the weekly cap will let another invitation through; None when it does already, or never will (cap 0)."""
    if not cap or len(invited_at) < cap:
        return None
    return sorted(invited_at)[-cap] + WEEK


def candidate(profile: Profile) -> Candidate:
    """What the ranking reads of a profile; it knows the mentor by the account."""
    return Candidate(
        mentor=profile.account,
        skills=tuple(profile.skills),
        languages=tuple(profile.languages),
        day_rate_minor=profile.day_rate["amount"],
        currency=profile.day_rate["currency"],
        available_from=date.fromisoformat(profile.available_from) if profile.available_from else None,
        paused=profile.paused,
        headline=profile.headline,
        bio=profile.bio,
    )


def listed(profile: Profile, why: tuple[Reason, ...]) -> Listed:
    """The mentor's place in a list, with the names that conflicts are judged by from now on."""
    excluded = tuple(profile.excluded_organisations)
    return Listed(profile.account, profile.mentor_id, profile.school, excluded, why)
