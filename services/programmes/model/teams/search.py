"""Improves a sharing by swapping two people at a time, without ever going back at once (tabu search).

It is deterministic, quick, and proves nothing: `exact` does.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.programmes.model.teams.problem import Sharing, Table

WORK = 30_000_000
"""Maximum number of evaluated swaps, each one addition per trait: about two seconds."""
PATIENCE = 1_500
"""Steps without an improvement before the search ends."""


def dealt(sharing: Sharing) -> list[int]:
    """A first sharing: people of the same traits are dealt one by one to the bins with the most room."""
    room, places = list(sharing.sizes), [-1] * sharing.people
    for person, place in enumerate(sharing.held):
        if place >= 0:
            places[person], room[place] = place, room[place] - 1
    alike = sorted(range(sharing.people), key=lambda p: (tuple(-sharing.has[p]), p))
    last = -1
    for person in (p for p in alike if places[p] < 0):
        after = sorted(range(sharing.bins), key=lambda b: (b - last - 1) % sharing.bins)
        last = max((b for b in after if room[b]), key=lambda b: room[b] > 0)
        places[person], room[last] = last, room[last] - 1
    return places


@dataclass(frozen=True)
class _Prices:
    """What one more or one fewer costs: all aims in one integer, where an aim outweighs all that follow it."""

    tables: Table
    breach: int


def _prices(sharing: Sharing) -> _Prices:
    most = sharing.people + 1
    tables, weight = np.zeros((sharing.bins, sharing.has.shape[1], most + 1), np.int64), 1
    for target in reversed(sharing.targets):
        steepest = 0
        for column, trait in enumerate(target.traits):
            for place in range(sharing.bins):
                costs = [target.cost(place, column, count) for count in range(most + 1)]
                tables[place, trait] += weight * np.asarray(costs, np.int64)
                within = costs[: sharing.sizes[place] + 1]
                steepest = max(steepest, *(abs(a - b) for a, b in zip(within, within[1:] or within, strict=False)))
        weight *= 2 * steepest * max(1, len(target.traits)) + 1
    return _Prices(tables, weight)


def improved(sharing: Sharing, start: Sequence[int]) -> list[int]:
    """The best sharing found from ``start``; hard rules count before every aim."""
    if sharing.bins < 2 or sharing.people < 2:
        return list(start)
    prices, places = _prices(sharing), np.asarray(start, np.int64)
    best, best_key = places.copy(), (sharing.breaches(places), sharing.values(places))
    free = np.asarray(sharing.held) < 0
    movable = free[:, None] & free[None, :]
    if sharing.alike:
        movable &= np.equal.outer(np.asarray(sharing.alike), np.asarray(sharing.alike))
    tenure = 5 + sharing.people // 8
    tabu, value, lowest, idle = np.zeros(sharing.people, np.int64), 0, 0, 0
    for step in range(1, max(50, WORK // (sharing.people**2 * max(1, sharing.has.shape[1]))) + 1):
        if best_key == (0, sharing.bounds) or idle >= PATIENCE:
            break
        gains = _gains(sharing, prices, places)
        allowed = movable & (places[:, None] != places[None, :])
        fresh = tabu < step
        open_ = allowed & ((fresh[:, None] & fresh[None, :]) | (value + gains < lowest))
        if not open_.any():
            open_ = allowed
        if not open_.any():
            break
        one, other = np.unravel_index(np.argmin(np.where(open_, gains, np.iinfo(np.int64).max)), gains.shape)
        value += int(gains[one, other])
        places[[one, other]] = places[[other, one]]
        tabu[[one, other]] = step + tenure + (step * 7 + int(one)) % 5
        idle += 1
        if value < lowest:
            lowest, best, idle = value, places.copy(), 0
            best_key = (sharing.breaches(best), sharing.values(best))
    return [int(place) for place in best]


def _gains(sharing: Sharing, prices: _Prices, places: Table) -> Table:
    """The change of the whole value by swapping each two people."""
    has, counts, all_bins = sharing.has, sharing.counts(places), np.arange(sharing.bins)[:, None]
    traits = np.arange(has.shape[1])[None, :]
    now = prices.tables[all_bins, traits, counts]
    more = prices.tables[all_bins, traits, counts + 1] - now
    fewer = prices.tables[all_bins, traits, np.maximum(counts - 1, 0)] - now
    own = ((1 - has) * more[places]) @ has.T + (has * fewer[places]) @ (1 - has).T
    gains = own + own.T
    if sharing.apart.any():
        near = sharing.apart @ sharing.membership(places)
        moved = near[:, places] - near[np.arange(sharing.people), places][:, None]
        gains = gains + prices.breach * (moved + moved.T - 2 * sharing.apart)
    if sharing.speaks.size:
        spoken = sharing.membership(places).T @ sharing.speaks
        after = (spoken[places][:, None, :] - sharing.speaks[:, None, :] + sharing.speaks[None, :, :]).max(2)
        lost = spoken.max(1)[places][:, None] - after
        gains = gains + prices.breach * (lost + lost.T)
    return gains


def thinned(sharing: Sharing) -> list[int]:
    """Places for a part of the people that breaks no hard rule, -1 for the others; sizes differ by at most one."""
    found = improved(sharing, dealt(sharing))
    bins = [_sound(sharing, [p for p in range(sharing.people) if found[p] == b]) for b in range(sharing.bins)]
    bins = [members for members in bins if len(members) > 1]
    most, places = min(map(len, bins), default=0) + 1, [-1] * sharing.people
    for number, members in enumerate(bins):
        for person in members[:most]:
            places[person] = number
    return places


def _sound(sharing: Sharing, members: Sequence[int]) -> list[int]:
    """The members without those who lack the commonest language, or are related to an earlier one."""
    if sharing.speaks.size:
        common = int(sharing.speaks[list(members)].sum(0).argmax())
        members = [member for member in members if sharing.speaks[member, common]]
    kept: list[int] = []
    for member in members:
        if not sharing.apart[member, kept].any():
            kept.append(member)
    return kept
