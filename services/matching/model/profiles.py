"""The rules of a mentor's profile: what it may contain, and its weekly cap of invitations. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from typing import Any

from chassis.facts import Fact, Refusal, wrong
from contracts.facts import ProfileChanged
from contracts.fit.reasons import Reason
from contracts.market import DAYS_ARE_MEANT_IN, DEFAULT_ZONE
from contracts.scan import contact_at, contact_data
from contracts.vocabulary import exists, suggest
from services.matching.model.listed import Listed
from services.matching.model.ranking import SOON_DAYS
from services.matching.model.shelf import Traits

WEEK = timedelta(days=7)
SUGGESTED = 3
"""Number of unknown skills that get suggestions; each takes milliseconds."""
SHOWN = ("display_name", "headline", "school", "bio")
"""The texts that clients read before the award."""


@dataclass(frozen=True)
class Written:
    """The fields of a profile that the mentor writes. ``available_from`` is ``YYYY-MM-DD``, ``day_rate`` is money."""

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
    """A mentor's profile; ``mentor_id`` is the id of its card and differs from the account's.

    ``written_at`` is when the mentor last wrote it. ``registered_at`` and ``verified_at`` are about its account, as far
    as matching knows; without the first, it is as old as the profile. ``excludes_since`` is when
    ``excluded_organisations`` last changed.

    ``invited_at`` are the times of the invitations that count for the weekly cap; ``free_from`` is when the cap allows
    another one, None if it does already.
    """

    account: str
    mentor_id: str
    joined_at: datetime
    written_at: datetime | None = None
    invited_at: list[datetime] = field(default_factory=list)
    free_from: datetime | None = None
    registered_at: datetime | None = None
    verified_at: datetime | None = None
    excludes_since: datetime | None = None
    version: int = 0

    def rewritten(self, written: Written, now: datetime) -> "Profile":
        """The profile with the mentor's fields replaced."""
        changed = replace(self, **{name: getattr(written, name) for name in WRITTEN}, written_at=now)
        if set(written.excluded_organisations) != set(self.excluded_organisations):
            changed = replace(changed, excludes_since=now)
        return replace(changed, free_from=free_from(self.invited_at, written.weekly_invitations))

    def invited(self, now: datetime) -> "Profile":
        """The profile with one more invitation, made at ``now``."""
        invited_at = [*recent(self.invited_at, now), now]
        return replace(self, invited_at=invited_at, free_from=free_from(invited_at, self.weekly_invitations))

    def given_back(self, at: datetime) -> "Profile":
        """The profile without the invitation made at ``at``: its project was cancelled, and it no longer counts."""
        if at not in self.invited_at:
            return self
        invited_at = list(self.invited_at)
        invited_at.remove(at)  # one of them: two projects may have invited in the same transaction
        return replace(self, invited_at=invited_at, free_from=free_from(invited_at, self.weekly_invitations))

    def is_busy(self, now: datetime) -> bool:
        """Whether the weekly cap is reached, counted at the last invitation."""
        return self.free_from is not None and self.free_from > now


WRITTEN = tuple(field.name for field in fields(Written))
"""The names of the fields that a mentor writes."""


def first_profile(
    account: str,
    mentor_id: str,
    written: Written,
    now: datetime,
    registered_at: datetime | None = None,
    verified_at: datetime | None = None,
) -> Profile:
    """Creates a mentor's first profile, joined at ``now``; the account may have been registered and verified before."""
    return Profile(
        **{name: getattr(written, name) for name in WRITTEN},
        account=account,
        mentor_id=mentor_id,
        joined_at=now,
        written_at=now,
        registered_at=registered_at,
        verified_at=verified_at,
        excludes_since=now,
    )


def day_of(now: datetime) -> date:
    """The date of ``now`` in the market's time zone."""
    return now.astimezone(DAYS_ARE_MEANT_IN).date()


def check_profile(written: Written, now: datetime) -> None:
    """Validates a profile. Refused as ``invalid`` with each wrong field and suggestions for unknown skills.

    Refused as ``contact-data`` if a text on the card holds some: clients contact mentors through the platform only.
    """
    unknown = [skill for skill in written.skills if not exists(skill)]
    suggestions = {skill: suggest(skill) if place < SUGGESTED else [] for place, skill in enumerate(unknown)}
    errors = [
        _unknown(f"skills.{place}", suggestions[skill])
        for place, skill in enumerate(written.skills)
        if skill in suggestions
    ]
    if written.available_from and date.fromisoformat(written.available_from) < day_of(now):
        errors.append(wrong("available_from", "past-day", "This day is past."))
    if errors:
        raise Refusal("invalid", errors=errors, extra={"suggestions": suggestions} if suggestions else None)
    found = [(name, leak) for name in SHOWN for leak in contact_data(getattr(written, name))]
    if found:
        places = [contact_at(name, leak) for name, leak in found]
        raise Refusal("contact-data", "Take the contact data out of your profile.", errors=places)


def _unknown(field: str, near: Sequence[str]) -> dict[str, Any]:
    message = f"Not in the vocabulary; perhaps: {', '.join(near)}." if near else "Not in the vocabulary."
    return wrong(field, "not-in-vocabulary", message, near=list(near))


def zone_facts(account: str, known: str | None, zone: str) -> list[Fact]:
    """The facts to publish for a profile with time zone ``zone``: none if other services assume that zone already.

    ``known`` is the zone of the profile before, None for a first one.
    """
    return [] if zone == (known or DEFAULT_ZONE) else [ProfileChanged(account=account, timezone=zone)]


def recent(invited_at: Sequence[datetime], now: datetime) -> list[datetime]:
    """The times of the last seven days, sorted."""
    return sorted(moment for moment in invited_at if moment > now - WEEK)


def may_be_invited(profile: Profile, now: datetime) -> bool:
    """Whether the mentor is not paused and below the weekly cap."""
    taken = len(recent(profile.invited_at, now))
    return not profile.paused and taken < profile.weekly_invitations


def free_from(invited_at: Sequence[datetime], cap: int) -> datetime | None:
    """When the weekly cap allows another invitation; None if it does already, or never will (cap 0)."""
    if not cap or len(invited_at) < cap:
        return None
    return sorted(invited_at)[-cap] + WEEK


def texts_of(profile: Profile) -> tuple[str, str]:
    """The texts that a portrait is painted from. Name and school are none of them."""
    return profile.headline, profile.bio


def traits_of(profile: Profile) -> Traits:
    """The conditions of a mentor; one who is paused or wants no invitations is never available."""
    closed = profile.paused or not profile.weekly_invitations
    day = date.max if closed else date.fromisoformat(profile.available_from) if profile.available_from else None
    return Traits(tuple(profile.languages), profile.day_rate["amount"], profile.day_rate["currency"], day)


def eligible(languages: Collection[str], profile: Profile, today: date) -> bool:
    """Whether the profile, as it is now, meets the conditions of the ranking: open, soon available, and one of these
    languages if there are any."""
    traits = traits_of(profile)
    soon = traits.available_from is None or (traits.available_from - today).days <= SOON_DAYS
    return soon and (not languages or bool(set(languages) & set(traits.languages)))


def available_on(profile: Profile, today: date) -> bool:
    """Whether the mentor is available on this day."""
    return profile.available_from is None or date.fromisoformat(profile.available_from) <= today


def listed(profile: Profile, why: tuple[Reason, ...]) -> Listed:
    """The mentor's entry in a list, with copies of the names by which conflicts are found."""
    excluded = tuple(profile.excluded_organisations)
    return Listed(profile.account, profile.mentor_id, profile.school, excluded, why)
