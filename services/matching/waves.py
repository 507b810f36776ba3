"""Waves: drawing a project's ranked list and walking down it, within one unit of work.

The list is drawn in the transaction that invites the first wave: 2 000 profiles are ranked in half a second,
and nobody else writes to a shortlist that is just being made.
"""

from datetime import timedelta
from typing import Any

from chassis.facts import Fact
from chassis.unit import Unit
from contracts.vocabulary import SKILLS, related
from services.matching import store
from services.matching.config import Config
from services.matching.model import Listed, Shortlist
from services.matching.profiles import candidate, day_of, free_from, listed, may_be_invited, recent
from services.matching.ranking import SOON_DAYS, rank

MOST_RANKED = 2_000
"""Four times the longest list of a usual setting; the others are told apart by their skills alone."""
LEAST_LISTED, WAVES_LISTED = 500, 25
"""How long a list may be: so many mentors, or so many first waves. A window sends out fifteen at the most (one, and
seven doubled), an extended one twenty-three."""
STRETCH = 100
JOINING = timedelta(minutes=1)
"""How long a transaction may take: a profile stamped so much before a look may have been stored after it."""


def look(unit: Unit, shortlist: Shortlist, config: Config) -> None:
    """Ranks the mentors that joined since the last look and appends them; the first look takes everybody.

    Of more than a list holds, those whose week is full already are left out.
    """
    wanted, on_it = _selection(shortlist, unit), set[str]()
    if shortlist.looked_at:
        wanted["joined_at"] = {"$gt": shortlist.looked_at - JOINING}
        on_it.update(store.listed_accounts(unit, shortlist.id))
    found = store.fitting_profiles(unit, wanted, shortlist.need.topics, MOST_RANKED)
    profiles = {profile["_id"]: profile for profile in found if profile["_id"] not in on_it}
    ranked = rank(shortlist.need, map(candidate, profiles.values()), day_of(unit.now), shortlist.id)
    most = max(LEAST_LISTED, WAVES_LISTED * config.wave_size)
    if len(ranked) > most:
        ranked = [one for one in ranked if not profiles[one.mentor]["busy"]][:most]
    places = [listed(profiles[one.mentor], one.why) for one in ranked]
    for first in range(0, len(places), STRETCH):
        store.add_listing(unit, shortlist.id, shortlist.listed + first, places[first : first + STRETCH])
    shortlist.listed += len(places)
    shortlist.looked_at = unit.now


def _selection(shortlist: Shortlist, unit: Unit) -> dict[str, Any]:
    """What MongoDB can tell of who is eligible; the ranking judges again."""
    need = shortlist.need
    soon = (day_of(unit.now) + timedelta(days=SOON_DAYS)).isoformat()
    wanted: dict[str, Any] = {
        "_id": {"$nin": shortlist.clients},
        "paused": False,
        "weekly_invitations": {"$gt": 0},
        "$or": [{"available_from": None}, {"available_from": {"$lte": soon}}],
    }
    if need.languages:
        wanted["languages"] = {"$in": list(need.languages)}
    if need.topics:
        wanted["skills"] = {"$in": [skill for skill in SKILLS if any(related(skill, t) for t in need.topics)]}
    return wanted


def send(unit: Unit, shortlist: Shortlist, config: Config) -> list[Fact]:
    """Invites as many as are wanted now and plans the next wave. Where the list runs out, newcomers are looked for."""
    wanted = shortlist.wanted(config.wave_size, unit.now)
    chosen = _walk(unit, shortlist, wanted, config.blind_secret)
    if len(chosen) < wanted and shortlist.looked_at != unit.now:
        look(unit, shortlist, config)
        chosen += _walk(unit, shortlist, wanted - len(chosen), config.blind_secret)
    store.add_invitations(unit, shortlist.id, chosen)
    return shortlist.invite(chosen, unit.now)


def _walk(unit: Unit, shortlist: Shortlist, wanted: int, secret: bytes) -> list[Listed]:
    """The next mentors on the list that may be invited, counted. The others are passed in silence, and for good.

    Conflicts go by the names in the list. What is the mentor's own affair and says nothing of the client, the pause
    and the weekly cap, goes by the profile as it is now; who has none any more, or is suspended, is passed too.
    """
    chosen: list[Listed] = []
    counts: dict[str, dict[str, Any]] = {}
    if not wanted:
        return chosen
    for stretch in store.listings(unit, shortlist.id, shortlist.place):
        profiles = store.find_profiles(unit, [one.account for one in stretch])
        suspended = store.suspended_of(unit, list(profiles))
        for one in stretch:
            if len(chosen) == wanted:
                break
            shortlist.place += 1
            profile = profiles.get(one.account)
            eligible = profile and one.account not in suspended and may_be_invited(profile, unit.now)
            if profile and eligible and not shortlist.conflicts(one, secret):
                invited_at = [*recent(profile["invited_at"], unit.now), unit.now]
                free = free_from(invited_at, profile["weekly_invitations"])
                counts[one.account] = {"invited_at": invited_at, "free_from": free}
                chosen.append(one)
        if len(chosen) == wanted:
            break
    store.count_invitations(unit, counts)
    return chosen
