"""Who stands on a list, and who of it is invited next. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from services.matching.model.listed import Listed
from services.matching.model.profiles import Profile, candidate, day_of, listed, may_be_invited
from services.matching.model.ranking import rank
from services.matching.model.shortlist import Shortlist

LEAST_LISTED, WAVES_LISTED = 500, 25
"""How long a list may be: so many mentors, or so many first waves. A window sends out fifteen at the most (one, and
seven doubled), an extended one twenty-three."""


def places_for(shortlist: Shortlist, profiles: Sequence[Profile], wave_size: int, now: datetime) -> list[Listed]:
    """The mentors who fit, best first. Of more than a list holds, those whose week is full already are left out."""
    known = {profile.account: profile for profile in profiles}
    ranked = rank(shortlist.need, map(candidate, profiles), day_of(now), shortlist.id)
    most = max(LEAST_LISTED, WAVES_LISTED * wave_size)
    if len(ranked) > most:
        ranked = [one for one in ranked if not known[one.mentor].is_busy(now)][:most]
    return [listed(known[one.mentor], one.why) for one in ranked]


def choose(
    shortlist: Shortlist,
    stretch: Sequence[Listed],
    profiles: Mapping[str, Profile],
    wanted: int,
    secret: bytes,
    now: datetime,
) -> list[Listed]:
    """The next mentors of a stretch that may be invited, at most ``wanted``. The others are passed, and for good.

    Conflicts go by the names in the list. What is the mentor's own affair and says nothing of the client, the pause
    and the weekly cap, goes by the profile as it is now. ``profiles`` lacks whoever has none any more, or is suspended.
    """
    chosen: list[Listed] = []
    for one in stretch:
        if len(chosen) == wanted:
            break
        shortlist.place += 1
        profile = profiles.get(one.account)
        if profile and may_be_invited(profile, now) and not shortlist.conflicts(one, secret):
            chosen.append(one)
    return chosen
