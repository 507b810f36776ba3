"""What an operator may decide by hand about a mentor in an open round: invite, or leave out. Pure.

An override replaces the order of the list, and none of the rules that protect people: eligibility, admission, pause,
the weekly cap and conflicts hold as in a wave.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from chassis.facts import Fact, Refusal
from contracts.facts import Invited, MentorsInvited
from services.matching.model.admission import Admission, is_candidate
from services.matching.model.considered import AWAY, CAP, CONFLICT, INVITED, LEFT_OUT, PAUSED, Considered
from services.matching.model.profiles import Profile, day_of, eligible, listed
from services.matching.model.shortlist import Shortlist
from services.matching.model.waves import outcome_of
from services.matching.model.why import in_common

NOT_ADMITTED: Final = "not-admitted"
"""The account is too young, not verified, or changed whom it excludes after the project was posted."""
NOT_ELIGIBLE: Final = "not-eligible"
"""The ranking's own rules, such as a language in common, leave the mentor out."""
WHY_NOT: Final = (NOT_ADMITTED, NOT_ELIGIBLE, CAP, PAUSED, AWAY, CONFLICT, LEFT_OUT)
"""All that ``why`` of ``not-invitable`` may be."""


def check_open(shortlist: Shortlist, now: datetime) -> None:
    """Refuses ``window-ended`` unless mentors may still be invited to this round."""
    if not shortlist.runs(now):
        raise Refusal("window-ended", "Nobody can be invited to this round any more.")


def place_of(shortlist: Shortlist, profile: Profile, now: datetime) -> Considered | None:
    """The entry of a mentor who is not on the list, without a score; None if the ranking's conditions are not met."""
    languages, today = shortlist.known_brief.languages, day_of(now)
    if not eligible(languages, profile, today):
        return None
    return Considered(**vars(listed(profile, in_common(languages, profile, today))))


def admitted_by_hand(
    shortlist: Shortlist, profile: Profile, admission: Admission, now: datetime
) -> Considered:
    """The entry of a mentor who is not on the list. Refuses ``not-invitable``."""
    if not is_candidate(profile, admission, shortlist.posted_at, None, now):
        raise _not_invitable(NOT_ADMITTED)
    one = place_of(shortlist, profile, now)
    if one is None:
        raise _not_invitable(PAUSED if profile.paused else NOT_ELIGIBLE)
    return one


def check_invitable(
    shortlist: Shortlist,
    one: Considered,
    profile: Profile | None,
    settled: Mapping[str, str],
    secret: bytes,
    now: datetime,
) -> None:
    """Refuses ``not-invitable`` with the outcome with which a wave would pass the mentor over (`outcome_of`)."""
    outcome = outcome_of(shortlist, one, profile, settled, secret, now)
    if outcome != INVITED:
        raise _not_invitable(outcome)


def invite_by_hand(shortlist: Shortlist, one: Considered) -> list[Fact]:
    """Records the invitation as a wave of its own; the planned waves stay as they are."""
    shortlist.waves += 1
    shortlist.invited += 1
    return [MentorsInvited(wave=shortlist.waves, mentors=[Invited(account=one.account, mentor_id=one.mentor_id)])]


def _not_invitable(why: str) -> Refusal:
    return Refusal("not-invitable", "A rule forbids to invite this mentor to this round.", extra={"why": why})
