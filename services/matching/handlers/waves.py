"""Waves: drawing a project's ranked list and walking down it, within one unit of work.

The list is drawn in the transaction that invites the first wave: 2 000 profiles are ranked in half a second,
and nobody else writes to a shortlist that is just being made.
"""

from datetime import timedelta

from chassis.facts import Fact
from chassis.unit import Unit
from services.matching import store
from services.matching.config import Config
from services.matching.model import Listed, Shortlist, choose, day_of, places_for

MOST_RANKED = 2_000
"""Four times the longest list of a usual setting; the others are told apart by their skills alone."""
STRETCH = 100
JOINING = timedelta(minutes=1)
"""How long a transaction may take: a profile stamped so much before a look may have been stored after it."""


def rank_newcomers(unit: Unit, shortlist: Shortlist, config: Config) -> None:
    """Ranks the mentors that joined since the last look and appends them; the first look takes everybody."""
    since, on_it = None, set[str]()
    if shortlist.looked_at:
        since = shortlist.looked_at - JOINING
        on_it.update(store.listed_accounts(unit, shortlist.id))
    found = store.fitting_profiles(unit, shortlist.need, shortlist.clients, day_of(unit.now), since, MOST_RANKED)
    newcomers = [profile for profile in found if profile.account not in on_it]
    places = places_for(shortlist, newcomers, config.wave_size, unit.now)
    for first in range(0, len(places), STRETCH):
        store.add_listing(unit, shortlist.id, shortlist.listed + first, places[first : first + STRETCH])
    shortlist.listed += len(places)
    shortlist.looked_at = unit.now


def send(unit: Unit, shortlist: Shortlist, config: Config) -> list[Fact]:
    """Invites as many as are wanted now and plans the next wave. Where the list runs out, newcomers are ranked."""
    wanted = shortlist.wanted(config.wave_size, unit.now)
    chosen = _walk(unit, shortlist, wanted, config.blind_secret)
    if len(chosen) < wanted and shortlist.looked_at != unit.now:
        rank_newcomers(unit, shortlist, config)
        chosen += _walk(unit, shortlist, wanted - len(chosen), config.blind_secret)
    store.add_invitations(unit, shortlist.id, chosen)
    return shortlist.invite(chosen, unit.now)


def _walk(unit: Unit, shortlist: Shortlist, wanted: int, secret: bytes) -> list[Listed]:
    """The next ``wanted`` mentors on the list, or as many as it has; each counts for its weekly cap."""
    chosen: list[Listed] = []
    if not wanted:
        return chosen
    counted = []
    for stretch in store.listings(unit, shortlist.id, shortlist.place):
        profiles = store.invitable_profiles(unit, [one.account for one in stretch])
        found = choose(shortlist, stretch, profiles, wanted - len(chosen), secret, unit.now)
        counted += [profiles[one.account].invited(unit.now) for one in found]
        chosen += found
        if len(chosen) == wanted:
            break
    store.count_invitations(unit, counted)
    return chosen
