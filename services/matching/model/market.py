"""What all ended rounds together tell of how mentors answer: the prior of every mentor's own rate. Pure.

Each ended round leaves one `Ended`; `learn` adds the newest up, older ones with less weight. A round that is counted
twice replaces itself, so that nothing is counted twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from services.matching.model.activity import PRIOR, Numbers, normalised

EDGES = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 48.0)
"""Active hours since the invitation, in steps within which quotes arrive at one rate. Later ones are not expected."""
STEPS = len(EDGES) - 1
CONCENTRATIONS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
"""How alike mentors are: the invitations that the market's rate is worth in a mentor's own."""
SPREADS = (0.1, 0.3, 0.5, 0.75, 1.0)
"""How unlike projects are: the standard deviation of the rates' logits between projects."""
FITS = len(CONCENTRATIONS) * len(SPREADS)
PRIOR_MEAN, PRIOR_WEIGHT = 0.3, 10.0
"""A market without data: 30 % of invitations lead to a quote, known as well as from ten invitations."""
PRIOR_FINISHING, PRIOR_CLAIMS = 0.85, 20.0
PRIOR_HOURS = 100.0
"""Open hours that the prior of each step's rate is worth."""
PRIOR_QUOTES = 10.0
"""Quotes that the prior of each bin's activity is worth."""
HALF_LIFE = timedelta(days=45)
"""After this time an ended round or an answer has half its weight."""
STATED_HALF_LIFE = timedelta(days=10)
"""The same where a stated chance is compared with what happened: it depends on how waves were sent."""
PHASES, LEVELS = 4, 10
STATED_WEIGHT = 8.0
"""Rounds that a stated chance is worth where it is compared with what happened."""


def _prior_hazard() -> tuple[float, ...]:
    """Rates at which half of the quotes arrive within eight active hours."""
    edges = np.asarray(EDGES)
    left = 1 - PRIOR_MEAN * (1 - np.exp(-edges / 11))
    return tuple((-np.diff(np.log(left)) / np.diff(edges)).tolist())


@dataclass(frozen=True)
class Ended:
    """What one ended round tells. ``hours`` and ``quotes`` by step since the invitation; ``expected`` and ``found``
    quotes by bin of the week; ``fits`` the log likelihood under each pair of `CONCENTRATIONS` and `SPREADS`;
    ``stated`` the chances computed at its waves as pairs of phase and chance."""

    at: datetime
    quoted: int
    missed: float
    lapsed: int
    five: bool
    hours: Sequence[float]
    quotes: Sequence[float]
    expected: Sequence[float]
    found: Sequence[float]
    fits: Sequence[float]
    stated: Sequence[Sequence[float]] = ()


@dataclass(frozen=True)
class Market:
    """How mentors answer.

    ``doubt``: the variance of the logit of ``mean``; ``learnt``: the ended invitations behind it, older ones counted in
    part; ``hazard``: quotes per active hour of an open invitation, by step; ``finishing``: the share of claims that
    become quotes; ``stated``: by phase and level of the chance, how many rounds were told so, how many of them got
    five, and the sum of the chances told.
    """

    mean: float = PRIOR_MEAN
    doubt: float = 1 / (PRIOR_WEIGHT * PRIOR_MEAN) + 1 / (PRIOR_WEIGHT * (1 - PRIOR_MEAN))
    concentration: float = 4.0
    spread: float = 0.5
    hazard: Sequence[float] = field(default_factory=_prior_hazard)
    activity: Sequence[float] = field(default_factory=lambda: normalised(PRIOR))
    finishing: float = PRIOR_FINISHING
    learnt: float = 0.0
    stated: Sequence[Sequence[float]] = ()

    def arrived(self, active: Numbers) -> Numbers:
        """The share of the quotes of an invitation that have arrived after so many active hours."""
        running = np.concatenate(([0.0], np.cumsum(np.asarray(self.hazard) * np.diff(EDGES))))
        found: Numbers = -np.expm1(-np.interp(active, EDGES, running)) / -np.expm1(-running[-1])
        return found

    def calibrated(self, phase: int, chance: float) -> float:
        """The chance as it turned out for rounds that were told the same in the same phase of their window.

        A line between the middles of the levels, so that a little more is never told as much more.
        """
        if not self.stated:
            return chance
        told, came, sums = (np.asarray(self.stated[phase * 3 + row]) for row in range(3))
        middles = (np.arange(LEVELS) + 0.5) / LEVELS
        said = (sums + STATED_WEIGHT * middles) / (told + STATED_WEIGHT)
        true = _rising((came + STATED_WEIGHT * middles) / (told + STATED_WEIGHT), told + STATED_WEIGHT)
        return float(np.interp(chance, [0.0, *said, 1.0], [0.0, *true, 1.0]))


def learn(ended: Sequence[Ended], now: datetime) -> Market:
    """The market as these rounds tell it, joined with the prior."""
    prior = Market()
    if not ended:
        return prior
    weight = 0.5 ** (np.array([(now - one.at) / HALF_LIFE for one in ended]))

    def added(name: str) -> Any:
        return weight @ np.array([getattr(one, name) for one in ended], dtype=float)

    quoted, missed = float(added("quoted")), float(added("missed"))
    yes, no = quoted + PRIOR_MEAN * PRIOR_WEIGHT, missed + (1 - PRIOR_MEAN) * PRIOR_WEIGHT
    hazard = (added("quotes") + PRIOR_HOURS * np.asarray(prior.hazard)) / (added("hours") + PRIOR_HOURS)
    active = (added("found") + PRIOR_QUOTES * np.asarray(prior.activity)) / (added("expected") + PRIOR_QUOTES)
    concentration, spread = _best_fit(added("fits"))
    return Market(
        mean=yes / (yes + no),
        doubt=1 / yes + 1 / no,
        concentration=concentration,
        spread=spread,
        hazard=tuple(hazard.tolist()),
        activity=normalised(active.tolist()),
        finishing=(quoted + PRIOR_CLAIMS * PRIOR_FINISHING) / (quoted + float(added("lapsed")) + PRIOR_CLAIMS),
        learnt=quoted + missed,
        stated=_compared(ended, weight ** (HALF_LIFE / STATED_HALF_LIFE)),
    )


def phase_of(share: float) -> int:
    """The phase of a window of which this share has passed."""
    return min(PHASES - 1, int(share * PHASES))


def market_document(market: Market) -> dict[str, Any]:
    """The market as it is stored."""
    return asdict(market)


def market_from(row: Mapping[str, Any]) -> Market:
    """Reads what `market_document` wrote."""
    return Market(**{one.name: row[one.name] for one in fields(Market) if one.name in row})


def _best_fit(logs: Numbers) -> tuple[float, float]:
    """Concentration and spread, each averaged over how well all pairs fit."""
    fit = np.exp(logs - logs.max()).reshape(len(CONCENTRATIONS), len(SPREADS))
    fit /= fit.sum()
    concentration = np.exp(fit.sum(axis=1) @ np.log(CONCENTRATIONS))
    return float(concentration), float(np.sqrt(fit.sum(axis=0) @ np.square(SPREADS)))


def _compared(ended: Sequence[Ended], weight: Numbers) -> tuple[tuple[float, ...], ...]:
    """By phase three rows over the levels of the chance: rounds told so, those that got five, and the sum told."""
    rows = np.zeros((PHASES * 3, LEVELS))
    weighed = zip(ended, weight.tolist(), strict=True)
    said = [(*stated, times, times * one.five) for one, times in weighed for stated in one.stated]
    if said:
        phase, chance, times, came = np.array(said, dtype=float).T
        first, level = phase.astype(int) * 3, np.minimum(LEVELS - 1, (chance * LEVELS).astype(int))
        for row, values in enumerate((times, came, times * chance)):
            np.add.at(rows, (first + row, level), values)
    return tuple(tuple(row) for row in rows.tolist())


def _rising(values: Numbers, weights: Numbers) -> Numbers:
    """The nearest values that never fall (pool adjacent violators)."""
    pools: list[list[float]] = []
    for value, weight in zip(values.tolist(), weights.tolist(), strict=True):
        pools.append([value, weight, 1])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            value2, weight2, count2 = pools.pop()
            value1, weight1, count1 = pools.pop()
            both = weight1 + weight2
            pools.append([(value1 * weight1 + value2 * weight2) / both, both, count1 + count2])
    return np.repeat([pool[0] for pool in pools], [int(pool[2]) for pool in pools])
