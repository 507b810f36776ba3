"""Who answers and when: the chance of five quotes in time, and how many more mentors it takes to reach a chance. Pure.

How the data flows:
1. Invitations keep when they were sent; the round's events tell who claimed, quoted or let a claim lapse, and when.
2. When the round is over, `ended_round` reads it once: what each mentor did, and what the round tells of the market.
3. Mentors' own answers (`Record`) update a Beta prior whose mean and weight the market's ended rounds give (`learn`).
4. `Round` puts an open round's invitations, claims and quotes together: a chance for each, together a Poisson binomial.
5. A wave invites the smallest number with which `chance` reaches what `aim` asks for; it is stored, shown and compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from contracts.market import DEFAULT_ZONE, SLOTS
from services.matching.model.activity import BIN_OF_HOUR, BINS, HOURS_A_WEEK, Numbers, active_hours, hour_of_week
from services.matching.model.market import (
    CONCENTRATIONS,
    EDGES,
    HALF_LIFE,
    SPREADS,
    STEPS,
    Ended,
    Market,
    phase_of,
)

FULL_WINDOW_H = 48.0
"""In a shorter window mentors hurry in proportion: they read the deadline with the invitation."""
KNOWN_FROM = 2.0
"""Ended invitations from which a mentor who never quoted is a newcomer no longer."""
EPOCH = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
LEAST_CHANCE, MOST_CHANCE = 1e-4, 1 - 1e-4
FIRST_AIM, LAST_CALL = 0.5, 0.6
"""The part of the target that the first wave asks for, and the share of the window after which all of it is asked for.
Found by simulation: asking for all of it at once turns twice as many mentors away (docs/measurements/answers.md)."""
LIKELY, UNLIKELY = 0.85, 0.5
"""From the first on five quotes are likely, below the second unlikely."""
MOST_SLICES = 2 * HOURS_A_WEEK
"""Slices of an hour or more into which a window is cut, to tell which hours of the week its quotes came in."""
NODES = 9
"""Points at which the unknown appeal of the project, and the doubt about the market, are integrated (Gauss-Hermite)."""
_POINTS, _WEIGHTS = np.polynomial.hermite_e.hermegauss(NODES)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


@dataclass(frozen=True)
class Record:
    """A mentor's ended invitations that led to a quote, and those that did not (in part, if the round ended early).

    Both as of `EPOCH`: an answer counts 2^(its age there / half-life), so that adding one needs no earlier time.
    """

    quoted: float = 0.0
    missed: float = 0.0

    def at(self, now: datetime) -> "Record":
        """The record as it weighs now."""
        weight = 1 / weight_of(now)
        return Record(self.quoted * weight, self.missed * weight)

    def plus(self, other: "Record", now: datetime) -> "Record":
        """The record with what an invitation that ended now has told."""
        weight = weight_of(now)
        return Record(self.quoted + other.quoted * weight, self.missed + other.missed * weight)

    def is_new(self, now: datetime) -> bool:
        """Whether the mentor is a newcomer: no quote yet, and hardly any ended invitation."""
        weighed = self.at(now)
        return self.quoted == 0 and weighed.missed < KNOWN_FROM


NOTHING_KNOWN = Record()


def weight_of(now: datetime) -> float:
    """The weight of an answer of this moment, as of `EPOCH`."""
    return float(2 ** ((now - EPOCH) / HALF_LIFE))


@dataclass(frozen=True)
class Sent:
    """An invitation of a round. ``quoted_at`` if its mentor has quoted, ``claimed`` while a claim holds, ``gone`` if
    the mentor declined or let a claim lapse."""

    at: datetime
    record: Record = NOTHING_KNOWN
    zone: str = DEFAULT_ZONE
    quoted: bool = False
    quoted_at: datetime | None = None
    claimed: bool = False
    gone: bool = False
    lapsed: bool = False
    account: str = ""


@dataclass(frozen=True)
class Round:
    """A round as its chance depends on it. ``full_since``: when the five slots were last taken."""

    sent: Sequence[Sent]
    now: datetime
    closes_at: datetime
    window: timedelta
    full_since: datetime | None = None

    @property
    def share(self) -> float:
        """The share of the window that has passed."""
        left = (self.closes_at - self.now) / self.window if self.window else 0.0
        return min(1.0, max(0.0, 1 - left))

    @property
    def scale(self) -> float:
        """How much faster mentors are than in a window of `FULL_WINDOW_H`."""
        return max(1.0, FULL_WINDOW_H * 3600 / max(self.window.total_seconds(), 1e-3))


def own_rates(market: Market, records: Sequence[Record], now: datetime, concentration: float | None = None) -> Numbers:
    """The mean of each mentor's Beta: the market's rate, updated by the mentor's own answers."""
    weight = market.concentration if concentration is None else concentration
    times = 1 / weight_of(now)
    quoted = np.array([one.quoted for one in records], dtype=float) * times
    missed = np.array([one.missed for one in records], dtype=float) * times
    found: Numbers = (market.mean * weight + quoted) / (weight + quoted + missed)
    return np.clip(found, LEAST_CHANCE, MOST_CHANCE)


def chance(market: Market, round_: Round) -> float:
    """The probability of five quotes by the end, if nobody else is invited."""
    return _at_least(*_distribution(market, round_))


def further(market: Market, round_: Round, next_ones: Sequence[Record], aim: float, most: int) -> tuple[int, float]:
    """The smallest number of further invitations with which the chance is at least ``aim``, at most ``most``.

    ``next_ones`` are the records of those next on the list, in order; whoever follows them counts as unknown. Returns
    the chance then, too.
    """
    weights, counts = _distribution(market, round_)
    reached = _at_least(weights, counts)
    if reached >= aim or not most:
        return 0, reached
    new = Sent(at=round_.now)
    rates = _shifted(own_rates(market, [*next_ones[:most], NOTHING_KNOWN], round_.now), market)
    (share,) = _arrived(market, round_, [new], [round_.closes_at])
    for number in range(1, most + 1):
        _add(counts, rates[min(number, len(rates)) - 1] * share)
        reached = _at_least(weights, counts)
        if reached >= aim:
            return number, reached
    return most, reached


def aim(target: float, share: float) -> float:
    """The chance that a wave asks for once this share of the window has passed.

    Early waves ask for less, because later ones can still invite; from `LAST_CALL` on a wave asks for the whole target.
    """
    return target * min(1.0, FIRST_AIM + (1 - FIRST_AIM) * share / LAST_CALL)


def ended_round(market: Market, round_: Round, stated: Sequence[Sequence[float]]) -> tuple[Ended, list[Record]]:
    """What a round that is over tells of the market, and of each mentor in the order of ``sent``."""
    sent = round_.sent
    ends = [round_.now if one.quoted or one.claimed or one.lapsed else _last_chance(round_) for one in sent]
    arrived = _arrived(market, round_, sent, ends)
    quoted = np.array([one.quoted for one in sent], dtype=bool)
    given_up = np.array([one.gone or one.lapsed or one.claimed for one in sent], dtype=bool) & ~quoted
    arrived[given_up] = 1.0
    rates = own_rates(market, [one.record for one in sent], round_.now)
    missed = np.where(quoted, 0.0, arrived * (1 - rates) / (1 - rates * arrived))
    hours, quotes, expected, found = _exposed(market, round_, ends)
    ended = Ended(
        at=round_.now,
        quoted=int(quoted.sum()),
        missed=float(missed.sum()),
        lapsed=sum(one.lapsed for one in sent),
        five=int(quoted.sum()) >= SLOTS,
        hours=hours.tolist(),
        quotes=quotes.tolist(),
        expected=expected.tolist(),
        found=found.tolist(),
        fits=_fits(market, round_, quoted, arrived),
        stated=[list(one) for one in stated],
    )
    return ended, [Record(float(yes), float(no)) for yes, no in zip(quoted, missed, strict=True)]


def shown(market: Market, round_: Round) -> float:
    """The chance as people read it: it counts the waves to come, by what became of rounds in the same state."""
    return market.calibrated(phase_of(round_.share), chance(market, round_))


def outlook(chance: float) -> str:
    """The word for a chance: ``likely``, ``uncertain`` or ``unlikely``."""
    return "likely" if chance >= LIKELY else "uncertain" if chance >= UNLIKELY else "unlikely"


def _distribution(market: Market, round_: Round) -> tuple[Numbers, Numbers]:
    """For each node its weight after what has happened, and the probabilities of fewer quotes than are missing."""
    sent = round_.sent
    need = SLOTS - sum(one.quoted for one in sent)
    if need <= 0:
        return _WEIGHTS, np.zeros((NODES, 0))
    if not sent:
        return _WEIGHTS, _fewer_than(need, np.zeros((0, NODES)))
    rates = _shifted(own_rates(market, [one.record for one in sent], round_.now), market)
    so_far = _arrived(market, round_, sent, [round_.now] * len(sent))
    by_end = np.maximum(so_far, _arrived(market, round_, sent, [round_.closes_at] * len(sent)))
    came = np.array([one.quoted or one.claimed for one in sent], dtype=bool)
    gone = np.array([one.gone for one in sent], dtype=bool) & ~came
    silent = ~came & ~gone
    seen = np.where(gone, 1.0, so_far)[:, None]
    logs = np.where(came[:, None], np.log(rates), np.log1p(-rates * np.minimum(seen, 1 - 1e-9)))
    weights = _WEIGHTS * np.exp(logs.sum(axis=0) - logs.sum(axis=0).max())
    left = rates * (by_end - so_far)[:, None] / (1 - rates * so_far[:, None])
    writing = sum(one.claimed and not one.quoted for one in sent)
    each = np.vstack((left[silent], np.full((writing, NODES), market.finishing)))
    return weights / weights.sum(), _fewer_than(need, np.minimum(each, MOST_CHANCE))


def _fewer_than(need: int, each: Numbers) -> Numbers:
    """By node, the probabilities that none, one, … ``need - 1`` of these mentors (rows) quote: a Poisson binomial.

    Exact: the elementary symmetric polynomials of the odds, by Newton's identities.
    """
    odds = each / (1 - each)
    powers = [(odds**number).sum(axis=0) for number in range(1, need)]
    found = [np.ones(NODES)]
    for size in range(1, need):
        terms = ((-1) ** (number - 1) * found[size - number] * powers[number - 1] for number in range(1, size + 1))
        found.append(np.maximum(0.0, sum(terms, np.zeros(NODES)) / size))
    none: Numbers = (1 - each).prod(axis=0)
    return np.column_stack(found) * none[:, None]


def _at_least(weights: Numbers, counts: Numbers) -> float:
    """The probability of all that ``counts`` leaves out, over the nodes."""
    return float(np.clip(weights @ (1 - counts.sum(axis=1)), 0.0, 1.0))


def _add(counts: Numbers, probability: Numbers) -> None:
    """One more mentor, who quotes with this probability at each node."""
    once = probability[:, None]
    shifted = counts[:, :-1] * once
    counts *= 1 - once
    counts[:, 1:] += shifted


def _shifted(rates: Numbers, market: Market, spread: float | None = None) -> Numbers:
    """The rates (rows) at each node (columns); their mean over the nodes stays about the same."""
    variance = market.spread**2 + market.doubt if spread is None else spread**2
    logits = np.log(rates / (1 - rates)) * np.sqrt(1 + np.pi * variance / 8)
    found: Numbers = 1 / (1 + np.exp(-(logits[:, None] + np.sqrt(variance) * _POINTS[None, :])))
    return found


def _arrived(market: Market, round_: Round, sent: Sequence[Sent], until: Sequence[datetime]) -> Numbers:
    """The share of each invitation's quotes that arrive until its moment in ``until``."""
    start = np.array([hour_of_week(one.at, one.zone) for one in sent])
    return market.arrived(active_hours(market.activity, start, _hours(sent, until)) * round_.scale)


def _hours(sent: Sequence[Sent], until: Sequence[datetime]) -> Numbers:
    """The hours from each invitation to its moment in ``until``; 0 if that is earlier."""
    return np.array([max(0.0, (end - one.at).total_seconds() / 3600) for one, end in zip(sent, until, strict=True)])


def _last_chance(round_: Round) -> datetime:
    """When mentors without a slot could no longer claim one."""
    return round_.full_since or round_.now


def _fits(market: Market, round_: Round, quoted: NDArray[np.bool_], arrived: Numbers) -> list[float]:
    """The log likelihood of who quoted, under each pair of `CONCENTRATIONS` and `SPREADS`."""
    found: list[float] = []
    records = [one.record for one in round_.sent]
    for concentration in CONCENTRATIONS:
        own = own_rates(market, records, round_.now, concentration)
        for spread in SPREADS:
            rates = _shifted(own, market, spread)
            seen = np.minimum(arrived, 1 - 1e-9)[:, None]
            logs = np.where(quoted[:, None], np.log(rates), np.log1p(-rates * seen)).sum(axis=0)
            top = logs.max() if len(logs) else 0.0
            found.append(float(top + np.log(_WEIGHTS @ np.exp(logs - top))))
    return found


def _exposed(market: Market, round_: Round, ends: Sequence[datetime]) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Active hours and quotes by step since the invitation; expected and found quotes by bin of the week."""
    edges, hazard = np.asarray(EDGES), np.append(market.hazard, 0.0)
    quotes, expected, found = np.zeros(STEPS + 1), np.zeros(BINS), np.zeros(BINS)
    if not round_.sent:
        return np.zeros(STEPS), quotes[:STEPS], expected, found
    start = np.array([hour_of_week(one.at, one.zone) for one in round_.sent])[:, None]
    length = _hours(round_.sent, [one.quoted_at or end for one, end in zip(round_.sent, ends, strict=True)])[:, None]
    slices = int(np.clip(np.ceil(length.max()), 1, MOST_SLICES))
    time = np.minimum(length, np.linspace(0.0, length.max(), slices + 1))
    ages = active_hours(market.activity, start, time) * round_.scale
    hours = np.diff(np.minimum(edges, ages[:, -1:]), axis=1).sum(axis=0)
    step = np.searchsorted(edges, (ages[:, 1:] + ages[:, :-1]) / 2, side="right") - 1
    bins = BIN_OF_HOUR[(start + (time[:, 1:] + time[:, :-1]) / 2).astype(int) % HOURS_A_WEEK]
    np.add.at(expected, bins, hazard[step] * np.diff(time, axis=1) * round_.scale)
    timed = np.array([one.quoted and one.quoted_at is not None for one in round_.sent], dtype=bool)
    np.add.at(quotes, np.searchsorted(edges, ages[timed, -1], side="right") - 1, 1.0)
    early = timed & (ages[:, -1] < edges[-1])
    np.add.at(found, BIN_OF_HOUR[(start + length)[early, 0].astype(int) % HOURS_A_WEEK], 1.0)
    return hours, quotes[:STEPS], expected, found
