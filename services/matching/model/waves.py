"""Which mentors a ranked list holds, and which of them are invited next. Pure."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from services.matching.model.answers import NOTHING_KNOWN, Record
from services.matching.model.listed import Listed
from services.matching.model.newcomers import reserve_places
from services.matching.model.profiles import Profile, candidate, day_of, listed, may_be_invited
from services.matching.model.ranking import rank
from services.matching.model.shortlist import Shortlist

LEAST_LISTED, WAVES_LISTED = 500, 25
"""Maximum length of a list: this many mentors, or this many times the first wave if that is more. A window sends at
most fifteen times the first wave (one, and seven doubled), an extended one twenty-three times."""


def places_for(shortlist: Shortlist, profiles: Sequence[Profile], wave_size: int, now: datetime) -> list[Listed]:
    """The eligible mentors, best first. If a list cannot hold all, mentors at their weekly cap are omitted."""
    known = {profile.account: profile for profile in profiles}
    ranked = rank(shortlist.need, map(candidate, profiles), day_of(now), shortlist.id)
    most = max(LEAST_LISTED, WAVES_LISTED * wave_size)
    if len(ranked) > most:
        ranked = [one for one in ranked if not known[one.mentor].is_busy(now)][:most]
    return [listed(known[one.mentor], one.why) for one in ranked]


def with_newcomers(
    shortlist: Shortlist, places: Sequence[Listed], records: Mapping[str, Record], busy: Collection[str], now: datetime
) -> list[Listed]:
    """The list with places reserved for newcomers. Whoever excludes anybody gets none.

    A reserved place makes an invitation more certain, and thereby tells more where it fails to come: fresh accounts
    with lists of firms must not gain by it (decision 72).
    """

    def is_new(one: Listed) -> bool:
        return not one.excluded and records.get(one.account, NOTHING_KNOWN).is_new(now)

    return reserve_places(places, is_new, lambda one: one.account in busy, shortlist.id)


def choose(
    shortlist: Shortlist,
    chunk: Sequence[Listed],
    profiles: Mapping[str, Profile],
    wanted: int,
    secret: bytes,
    now: datetime,
) -> list[Listed]:
    """The next mentors of a chunk of the list that may be invited, at most ``wanted``; the others never are.

    Conflicts are found by the names in the list. Pause and weekly cap, which reveal nothing of the client, are read
    from the current profile. ``profiles`` lacks mentors that are suspended or no longer have a profile.
    """
    chosen: list[Listed] = []
    for one in chunk:
        if len(chosen) == wanted:
            break
        shortlist.place += 1
        profile = profiles.get(one.account)
        if profile and may_be_invited(profile, now) and not shortlist.conflicts(one, secret):
            chosen.append(one)
    return chosen
