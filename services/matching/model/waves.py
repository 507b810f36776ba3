"""Which mentors a ranked list holds, and which of them are invited next. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.matching.model.answers import NOTHING_KNOWN, Record
from services.matching.model.considered import AWAY, CAP, CONFLICT, INVITED, PAUSED, Considered, Judged
from services.matching.model.newcomers import reserve_places
from services.matching.model.profiles import Profile, candidate, day_of, listed, may_be_invited
from services.matching.model.ranking import rank
from services.matching.model.shortlist import Shortlist

LEAST_LISTED, WAVES_LISTED = 500, 25
"""Maximum length of a list: this many mentors, or this many times the first wave if that is more. A window sends at
most fifteen times the first wave (one, and seven doubled), an extended one twenty-three times."""


def places_for(shortlist: Shortlist, profiles: Sequence[Profile], wave_size: int, now: datetime) -> list[Considered]:
    """The eligible mentors, best first. If a list cannot hold all, mentors at their weekly cap are omitted."""
    known = {profile.account: profile for profile in profiles}
    ranked = rank(shortlist.need, map(candidate, profiles), day_of(now), shortlist.id)
    most = max(LEAST_LISTED, WAVES_LISTED * wave_size)
    if len(ranked) > most:
        ranked = [one for one in ranked if not known[one.mentor].is_busy(now)][:most]
    return [_considered(known[one.mentor], one, place) for place, one in enumerate(ranked, 1)]


def with_newcomers(
    shortlist: Shortlist,
    places: Sequence[Considered],
    records: Mapping[str, Record],
    busy: Collection[str],
    now: datetime,
) -> list[Considered]:
    """The list with places reserved for newcomers. Whoever excludes anybody gets none.

    A reserved place makes an invitation more certain, and thereby tells more where it fails to come: fresh accounts
    with lists of firms must not gain by it (decision 72).
    """

    def is_new(one: Considered) -> bool:
        return not one.excluded and records.get(one.account, NOTHING_KNOWN).is_new(now)

    marked = [replace(one, newcomer=is_new(one)) for one in places]
    return reserve_places(marked, lambda one: one.newcomer, lambda one: one.account in busy, shortlist.id)


def choose(
    shortlist: Shortlist,
    chunk: Sequence[Considered],
    profiles: Mapping[str, Profile],
    wanted: int,
    settled: Mapping[str, str],
    secret: bytes,
    now: datetime,
) -> list[Judged]:
    """Judges the next mentors of a chunk of the list until ``wanted`` are invited; whoever is passed over stays so.

    ``settled`` are the outcomes of accounts about which an operator has decided; `outcome_of` gives the others.
    """
    judged: list[Judged] = []
    for one in chunk:
        if not wanted:
            break
        shortlist.place += 1
        judged.append(Judged(one, outcome_of(shortlist, one, profiles.get(one.account), settled, secret, now)))
        wanted -= judged[-1].invited
    return judged


def outcome_of(
    shortlist: Shortlist,
    one: Considered,
    profile: Profile | None,
    settled: Mapping[str, str],
    secret: bytes,
    now: datetime,
) -> str:
    """Whether the mentor may be invited to this round, or the first rule that forbids it.

    Conflicts are found by the names in the list. Pause and weekly cap, which reveal nothing of the client, are read
    from the current ``profile``; it is None for mentors that are suspended or no longer have one.
    """
    if one.account in settled:
        return settled[one.account]
    if profile is None:
        return AWAY
    if not may_be_invited(profile, now):
        return PAUSED if profile.paused else CAP
    return CONFLICT if shortlist.conflicts(one, secret) else INVITED


def _considered(profile: Profile, ranked: Any, place: int) -> Considered:
    """The mentor's entry at this place by score; the parts of the score are kept where the ranking tells them."""
    entry = listed(profile, ranked.why)
    parts = {name: round(float(value), 6) for name, value in getattr(ranked, "parts", {}).items()}
    return Considered(**vars(entry), score=float(ranked.score), parts=parts, rank=place)
