"""Waves: ranks a project's mentors and walks down the list, within one unit of work.

The ranking runs in the transaction that invites the first wave: it takes milliseconds, and no other transaction writes
to a shortlist that is being created. It orders mentors by what this worker remembers of them (`model.shelf`); whether
one may be listed is read from the profile in the transaction.
"""

from collections.abc import Sequence
from dataclasses import replace

from chassis.facts import Fact
from chassis.ids import new_id
from chassis.unit import Unit
from contracts.fit.encoder import Encoder, small_e5
from contracts.fit.portraits import Asked, ask
from services.matching import store
from services.matching.config import Config
from services.matching.model import (
    BY_CHANCE,
    NEXT,
    WAVE,
    Considered,
    Judged,
    Listing,
    Market,
    Profile,
    Ranked,
    Ranking,
    Shortlist,
    Wanted,
    admitted,
    aim,
    chance,
    choose,
    day_of,
    decided,
    fair,
    further,
    most_at_once,
    most_listed,
    phase_of,
    places_for,
    rank,
    still_waiting,
    with_newcomers,
)
from services.matching.model.answers import NOTHING_KNOWN

READ = 500
"""Profiles read at once while a list is made."""
MOST_READ = 10_000
"""Profiles read at most for one list, in a market where most are at their weekly cap."""
PAINT_S = 3.0
"""Seconds for which a ranking paints the portraits of brand-new mentors; the others are on the shelf soon after."""
CHUNK = 100
"""Entries of a ranked list per document."""


def rank_newcomers(unit: Unit, shortlist: Shortlist, config: Config) -> None:
    """Ranks the mentors admitted since the last ranking and appends them to the list; the first ranks all.

    `is_candidate` says who is left out, so that fresh accounts with lists of firms do not find the client.
    """
    encoder, since, on_it = small_e5(), None, set[str]()
    if shortlist.looked_at:
        since = shortlist.looked_at - store.OVERLAP  # rankings overlap
        on_it.update(store.listed_accounts(unit, shortlist.id))
    profiles, portraits = unit.collection("profiles"), unit.collection("portraits")
    store.catch_up(config.shelf, profiles, portraits, encoder, unit.now, PAINT_S)
    need = shortlist.known_brief.need(_asked(unit, shortlist, encoder))
    among = store.admitted_since(unit, config.admission, since, MOST_READ) if since else None
    listing = Listing(need, config.admission, on_it, since, most_listed(config.wave_size))
    found = _admitted(unit, shortlist, listing, rank(config.shelf, need, day_of(unit.now), shortlist.id, among))
    places = _with_newcomers(unit, shortlist, places_for(listing, found, unit.now), [profile for _, profile in found])
    for first in range(0, len(places), CHUNK):
        store.add_listing(unit, shortlist.id, shortlist.listed + first, places[first : first + CHUNK])
    shortlist.listed += len(places)
    shortlist.looked_at = unit.now


def _asked(unit: Unit, shortlist: Shortlist, encoder: Encoder) -> Asked:
    """What the project asks for; the first call stores it."""
    asked = store.find_asked(unit, shortlist.id, encoder)
    if asked is None:
        brief = shortlist.known_brief
        asked = ask(brief.title, brief.brief, brief.topics, encoder)
        store.keep_asked(unit, shortlist.id, asked, encoder)
    return asked


def _admitted(
    unit: Unit, shortlist: Shortlist, listing: Listing, ranking: Ranking
) -> list[tuple[Ranked, Profile]]:
    """The best of the ranking who may be listed, by their profiles in this transaction: as many as the list can hold
    without those at their weekly cap."""
    found: list[tuple[Ranked, Profile]] = []
    for first in range(0, min(len(ranking), MOST_READ), READ):
        ranked = ranking.entries(first, first + READ)
        profiles = {one.account: one for one in store.profiles_of(unit, [one.mentor for one in ranked])}
        found += admitted(shortlist, listing, ranked, profiles, unit.now)
        if sum(not profile.is_busy(unit.now) for _, profile in found) > listing.most:
            break
    return found


def send(unit: Unit, shortlist: Shortlist, config: Config) -> list[Fact]:
    """Invites as many mentors as are wanted now and plans the next wave. Ranks newcomers if the list runs out."""
    market = store.read_market(unit)
    wanted = _wanted(unit, shortlist, market, config)
    judged = _walk(unit, shortlist, wanted.number, config.blind_secret)
    chosen = [each.one for each in judged if each.invited]
    if len(chosen) < wanted.number and shortlist.looked_at != unit.now:
        rank_newcomers(unit, shortlist, config)
        judged += _walk(unit, shortlist, wanted.number - len(chosen), config.blind_secret)
        chosen = [each.one for each in judged if each.invited]
    store.add_invitations(unit, shortlist.id, chosen)
    shortlist.ran_out = len(chosen) < wanted.number
    facts = shortlist.invite(chosen, unit.now)
    if wanted.number:
        _log(unit, shortlist, wanted, judged, config)
    if shortlist.runs(unit.now):
        known = store.read_round(unit, shortlist)
        phase, computed = phase_of(known.share), chance(market, known)
        shortlist.state_chance(phase, computed, market.calibrated(phase, computed))
    return facts


def _wanted(unit: Unit, shortlist: Shortlist, market: Market, config: Config) -> Wanted:
    """How many to invite now: by the chance of five quotes once enough is learnt of the market, else by the slots."""
    shortlist.by_chance = market.learnt >= config.learnt_from
    if not shortlist.by_chance or not shortlist.runs(unit.now):
        return Wanted(shortlist.wanted(config.wave_size, unit.now))
    most, known = most_at_once(config.wave_size), store.read_round(unit, shortlist)
    ahead = _ahead(unit, shortlist, most)
    records = store.read_records(unit, [one.account for one in ahead])
    next_ones = [records.get(one.account, NOTHING_KNOWN) for one in ahead]
    target = aim(config.five_target, known.share)
    number, reached = further(market, known, next_ones, target, most)
    return Wanted(number, BY_CHANCE, target, reached)


def _ahead(unit: Unit, shortlist: Shortlist, most: int) -> list[Considered]:
    """The next entries of the list: ``most``, rounded up to whole chunks, or as many as there are."""
    ahead: list[Considered] = []
    for chunk in store.listings(unit, shortlist.id, shortlist.place):
        ahead += chunk
        if len(ahead) >= most:
            break
    return ahead


def _log(unit: Unit, shortlist: Shortlist, wanted: Wanted, judged: Sequence[Judged], config: Config) -> None:
    """Adds a wave to the log: everybody whom it invited or passed over, and the `NEXT` that it did not reach."""
    waiting = still_waiting(judged, _ahead(unit, shortlist, NEXT)[:NEXT])
    rows = (*judged, *waiting)
    decision = decided(new_id(), WAVE, shortlist, rows, config.rules, unit.now, wanted=wanted)
    store.add_decision(unit, decision, config.decisions_kept)


def _with_newcomers(
    unit: Unit, shortlist: Shortlist, places: Sequence[Considered], profiles: Sequence[Profile]
) -> list[Considered]:
    """The list as waves walk it: nearly equal fits in fair order, then the places of newcomers."""
    accounts = [one.account for one in places]
    places = [replace(one, rank=shortlist.listed + one.rank) for one in places]  # a later ranking continues the count
    places = fair(places, store.read_exposure(unit, accounts), len(places), unit.now)
    records = store.read_records(unit, accounts)
    busy = {profile.account for profile in profiles if profile.is_busy(unit.now)}
    return with_newcomers(shortlist, places, records, busy, unit.now)


def _walk(unit: Unit, shortlist: Shortlist, wanted: int, secret: bytes) -> list[Judged]:
    """Judges the next on the list until ``wanted`` are invited or it ends; counts invitations for the weekly caps."""
    judged: list[Judged] = []
    if not wanted:
        return judged
    counted, settled = list[Profile](), store.settled_of(unit, shortlist.id)
    for chunk in store.listings(unit, shortlist.id, shortlist.place):
        profiles = store.invitable_profiles(unit, [one.account for one in chunk])
        found = choose(shortlist, chunk, profiles, wanted, settled, secret, unit.now)
        invited = [profiles[each.one.account].invited(unit.now) for each in found if each.invited]
        counted += invited
        judged += found
        wanted -= len(invited)
        if not wanted:
            break
    store.count_invitations(unit, counted)
    return judged
