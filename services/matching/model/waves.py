"""Which mentors a ranked list holds, and which of them are invited next. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.matching.model.admission import Admission, is_candidate
from services.matching.model.answers import NOTHING_KNOWN, Record
from services.matching.model.considered import AWAY, CAP, CONFLICT, INVITED, PAUSED, Considered, Judged
from services.matching.model.newcomers import reserve_places
from services.matching.model.profiles import Profile, day_of, eligible, listed, may_be_invited
from services.matching.model.ranking import Need, Ranked
from services.matching.model.shortlist import Shortlist
from services.matching.model.why import why

LEAST_LISTED, WAVES_LISTED = 500, 25
"""Maximum length of a list: this many mentors, or this many times the first wave if that is more. A window sends at
most fifteen times the first wave (one, and seven doubled), an extended one twenty-three times."""


LEAST_FIT = 0.04
"""The least part ``topics`` of a mentor on a list. Under it a profile has nothing to do with the need: of the labelled
set's good mentors 1 in 400 is under it, and 5 in 9 of those of no use (docs/matching.md)."""


@dataclass(frozen=True)
class Listing:
    """Of whom a list is made: the mentors ``on_it`` already are left out; ``since`` is the ranking before, if any."""

    need: Need
    admission: Admission
    on_it: Collection[str]
    since: datetime | None
    most: int


def admitted(
    shortlist: Shortlist, listing: Listing, ranked: Sequence[Ranked], profiles: Mapping[str, Profile], now: datetime
) -> list[tuple[Ranked, Profile]]:
    """Those of the ranked mentors who may be listed, by their current profiles. None of them is a client."""
    found = [(one, profiles[one.mentor]) for one in ranked if one.mentor in profiles]
    return [
        (one, profile)
        for one, profile in found
        if one.parts["topics"] >= LEAST_FIT
        and one.mentor not in listing.on_it
        and one.mentor not in shortlist.clients
        and eligible(listing.need.languages, profile, day_of(now))
        and is_candidate(profile, listing.admission, shortlist.posted_at, listing.since, now)
    ]


def places_for(
    listing: Listing, found: Sequence[tuple[Ranked, Profile]], now: datetime
) -> list[Considered]:
    """The list, best first. If it cannot hold all, mentors at their weekly cap are omitted."""
    if len(found) > listing.most:
        found = [(one, profile) for one, profile in found if not profile.is_busy(now)][: listing.most]
    return [_considered(listing.need, profile, one, place, now) for place, (one, profile) in enumerate(found, 1)]


def most_listed(wave_size: int) -> int:
    """Maximum length of a list."""
    return max(LEAST_LISTED, WAVES_LISTED * wave_size)


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


def _considered(need: Need, profile: Profile, ranked: Ranked, place: int, now: datetime) -> Considered:
    """The mentor's entry at this place by score."""
    entry = listed(profile, why(need, profile, ranked, day_of(now)))
    return Considered(**vars(entry), score=ranked.score, parts=ranked.parts, rank=place)
