"""A market in virtual time: mentors whose habits the model does not know, and rounds under one policy of waves.

Everything is drawn from a seed. Habits differ from the model's assumptions on purpose: delays are lognormal and
personal, days have 24 different hours, projects appeal more or less, the market drifts over months, and mentors come
and go.
"""

import heapq
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import numpy as np

from contracts.market import SLOTS
from services.matching.model.answers import (
    KNOWN_FROM,
    Record,
    Round,
    Sent,
    aim,
    chance,
    ended_round,
    further,
    weight_of,
)
from services.matching.model.market import Market, learn, phase_of
from services.matching.model.newcomers import reserve_places
from services.matching.model.shortlist import WAVES_A_WINDOW, invitations_needed, most_at_once, wave_size

START = datetime(2026, 1, 5, tzinfo=UTC)
"""A Monday."""
WINDOW_H = 48.0
CAP, WEEK_H = 5, 168.0
LISTED = 400
"""Mentors on a project's ranked list."""
MENTORS_A_PROJECT = 200
"""Mentors in the market for each project a day."""
SHARE_LEAVING = 0.005
"""Mentors who are replaced by new ones each day."""
PAST = 5
"""Ended invitations of a mentor when the market begins, on average."""
FINISHING, DECLINING = 0.9, 0.2
APPEAL, DRIFT = 0.5, 0.25
"""Standard deviation of projects' appeal, and the height of the market's drift, as logits."""
LEARNT_EVERY_H = 12.0
NEWEST = 3_000
"""Ended rounds that the market is learnt from."""
LEARNT_FROM = 200.0
BASE = 20
ZONES = (("Europe/Paris", 1), ("America/Toronto", -5))
WORKING = np.array([1, 1, 1, 1, 1, 2, 5, 15, 40, 60, 60, 50, 35, 45, 55, 55, 50, 45, 40, 35, 35, 30, 15, 5], float)
"""How likely a mentor is to answer in each hour of a working day; on other days half as likely."""
POSTING = np.array([0, 0, 0, 0, 0, 0, 1, 3, 8, 10, 10, 8, 5, 7, 9, 9, 8, 6, 3, 2, 1, 1, 0, 0], float)


@dataclass
class Outcome:
    """One ended round. ``turned_away``: mentors who wanted a slot and found none; ``late`` those of them who came when
    the fifth quote was in; ``stated`` pairs of phase and chance as computed, ``shown`` the same as people read it."""

    at: float
    five: bool
    hours: float
    invited: int
    turned_away: int
    late: int
    newcomers: int
    stated: list[tuple[int, float]]
    shown: list[tuple[int, float]]


@dataclass
class Open:
    """A round that runs. ``standing``: by mentor the state of its slot."""

    number: int
    at: float
    appeal: float
    listed: list[int]
    place: int = 0
    sent: dict[int, Sent] = field(default_factory=dict)
    quoted: dict[int, float] = field(default_factory=dict)
    claimed: set[int] = field(default_factory=set)
    gone: set[int] = field(default_factory=set)
    lapsed: set[int] = field(default_factory=set)
    full_since: float | None = None
    ended_at: float | None = None
    turned_away: int = 0
    late: int = 0
    newcomers: int = 0
    next_check: float = 0.0
    stated: list[tuple[int, float]] = field(default_factory=list)
    shown: list[tuple[int, float]] = field(default_factory=list)

    @property
    def closes_at(self) -> float:
        return self.at + WINDOW_H

    @property
    def taken(self) -> int:
        return len(self.quoted) + len(self.claimed)


class World:
    """``rate``: the mentors' mean chance of a quote; ``a_day``: projects a day in this slice; ``target``: the chance of
    five that waves ask for, None for the fixed waves of `BASE`."""

    def __init__(self, rate: float, a_day: int, target: float | None, seed: int = 1) -> None:
        self.a_day, self.target, self.rate = a_day, target, rate
        self.draw = np.random.default_rng(seed)
        self.mentors = a_day * MENTORS_A_PROJECT
        self.logit, self.speed = np.zeros(self.mentors), np.zeros(self.mentors)
        self.popular, self.zone = np.zeros(self.mentors), np.zeros(self.mentors, dtype=int)
        self.quoted, self.missed = np.zeros(self.mentors), np.zeros(self.mentors)
        self.invited: list[deque[float]] = [deque() for _ in range(self.mentors)]
        self._settle(np.arange(self.mentors))
        self._remember()
        week = np.concatenate([np.tile(WORKING, 5), np.tile(WORKING * 0.5, 2)])
        week = week / week.mean()
        self.running = [np.concatenate(([0.0], np.cumsum(np.tile(np.roll(week, -offset), 60)))) for _, offset in ZONES]
        self.market, self.ended = Market(), deque[Any](maxlen=NEWEST)
        self.outcomes: list[Outcome] = []
        self._queue: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = []
        self._order = count()

    def run(self, days: int) -> list[Outcome]:
        """Runs so many days of postings until the last round has ended."""
        for at in self._postings(days):
            self._later(at, self._post, at)
        for day in range(1, days):
            self._later(day * 24.0, self._come_and_go)
        for turn in range(1, int(days * 24 / LEARNT_EVERY_H)):
            self._later(turn * LEARNT_EVERY_H, self._learn)
        while self._queue:
            self.now, _, act, given = heapq.heappop(self._queue)
            act(*given)
        return self.outcomes

    # Mentors.

    def _settle(self, who: Any) -> None:
        """These places are taken by new mentors."""
        size = len(who)
        rates = np.clip(self.draw.beta(self.rate * 4, (1 - self.rate) * 4, size), 1e-3, 1 - 1e-3)
        self.logit[who] = np.log(rates / (1 - rates))
        self.speed[who] = 5 * np.exp(0.6 * self.draw.standard_normal(size))
        self.popular[who] = self.draw.standard_normal(size)
        self.zone[who] = self.draw.random(size) < 0.1
        self.quoted[who] = self.missed[who] = 0.0
        for one in who:
            self.invited[one] = deque()

    def _remember(self) -> None:
        """The market begins with mentors who have answered before; of rounds it knows nothing yet."""
        ended = self.draw.poisson(PAST * np.exp(0.5 * self.popular))
        self.quoted = self.draw.binomial(ended, 1 / (1 + np.exp(-self.logit))).astype(float)
        self.missed = ended - self.quoted

    def _come_and_go(self) -> None:
        self._settle(self.draw.choice(self.mentors, int(self.mentors * SHARE_LEAVING), replace=False))

    def _busy(self, who: int) -> bool:
        recent = self.invited[who]
        while recent and recent[0] <= self.now - WEEK_H:
            recent.popleft()
        return len(recent) >= CAP

    def _delayed(self, mentor: int) -> float:
        """When a mentor invited now acts: after active hours of its own, lognormal."""
        running = self.running[self.zone[mentor]]
        active = self.speed[mentor] * np.exp(0.9 * self.draw.standard_normal())
        hours = np.arange(len(running))
        return float(np.interp(np.interp(self.now, hours, running) + active, running, hours))

    # Rounds.

    def _postings(self, days: int) -> Iterator[float]:
        by_hour = np.concatenate([np.tile(POSTING, 5), np.tile(POSTING * 0.2, 2)])
        by_hour = by_hour / by_hour.mean() * self.a_day / 24
        for hour in range(days * 24):
            for offset in self.draw.random(self.draw.poisson(by_hour[hour % 168])):
                yield hour + float(offset)

    def _post(self, at: float) -> None:
        lot = self.popular + self.draw.gumbel(size=self.mentors)
        best = np.argpartition(-lot, LISTED)[:LISTED]
        listed = best[np.argsort(-lot[best])].tolist()
        if self.target is not None:
            new = set(np.flatnonzero(self._new()).tolist())
            listed = reserve_places(listed, new.__contains__, self._busy, str(at))
        one = Open(next(self._order), at, APPEAL * self.draw.standard_normal(), listed)
        self._check(one, wave=True)
        self._later(one.closes_at, self._end, one)

    def _check(self, one: Open, wave: bool) -> None:
        if one.ended_at is not None or self.now >= one.closes_at:
            return
        if self.target is None:
            self._invite(one, self._fixed(one, wave))
        elif self.market.learnt < LEARNT_FROM:
            self._invite(one, self._fixed(one, wave))
            self._state(one, chance(self.market, self._round(one)))
        else:
            wanted, reached = self._learned(one)
            self._invite(one, wanted)
            self._state(one, reached)
        if wave and self.now + WINDOW_H / WAVES_A_WINDOW < one.closes_at:
            self._later(self.now + WINDOW_H / WAVES_A_WINDOW, self._check, one, True)

    def _fixed(self, one: Open, wave: bool) -> int:
        """Today's rule."""
        empty, answered = SLOTS - one.taken, len(one.gone | one.claimed | set(one.quoted) | one.lapsed)
        if wave:
            return wave_size(empty, BASE, len(one.sent), answered)
        waiting = len(one.sent) - len((one.gone - one.lapsed) | one.claimed | set(one.quoted))
        return max(0, invitations_needed(empty, BASE) - waiting)

    def _learned(self, one: Open) -> tuple[int, float]:
        known = self._round(one)
        records = [self._record(who) for who in one.listed[one.place : one.place + 100]]
        return further(self.market, known, records, aim(self.target or 0.0, known.share), most_at_once(BASE))

    def _invite(self, one: Open, wanted: int) -> None:
        new = self._new() if wanted else np.zeros(0)
        while wanted > 0 and one.place < len(one.listed):
            who = one.listed[one.place]
            one.place += 1
            if self._busy(who):
                continue
            self.invited[who].append(self.now)
            wanted -= 1
            one.sent[who] = Sent(_moment(self.now), self._record(who), ZONES[self.zone[who]][0])
            one.newcomers += bool(new[who])
            self._habit(one, who)

    def _habit(self, one: Open, who: int) -> None:
        """What the mentor will do, as nobody knows yet."""
        drift = DRIFT * np.sin(2 * np.pi * self.now / (24 * 60))
        willing = 1 / (1 + np.exp(-(self.logit[who] * np.sqrt(1 + np.pi * APPEAL**2 / 8) + one.appeal + drift)))
        luck, at = self.draw.random(), self._delayed(who)
        if luck < willing / FINISHING:
            self._later(at, self._claim, one, who)
        elif luck > 1 - DECLINING * (1 - willing):
            self._later(at, self._decline, one, who)

    def _claim(self, one: Open, who: int) -> None:
        if self.now >= one.closes_at:
            return
        if one.ended_at is not None or one.taken >= SLOTS:
            one.turned_away += 1
            one.late += one.ended_at is not None
            return
        one.claimed.add(who)
        one.sent[who] = replace(one.sent[who], claimed=True)
        if one.taken == SLOTS:
            one.full_since = self.now
        if self.draw.random() < FINISHING:
            self._later(self.now + 0.3 + 4.7 * self.draw.random(), self._quote, one, who)
        else:
            self._later(self.now + 8, self._lapse, one, who)

    def _quote(self, one: Open, who: int) -> None:
        if self.now >= one.closes_at:
            return
        one.claimed.discard(who)
        one.quoted[who] = self.now
        one.sent[who] = replace(one.sent[who], claimed=False, quoted=True, quoted_at=_moment(self.now))
        if len(one.quoted) == SLOTS:
            one.ended_at = self.now
            self._count(one)

    def _lapse(self, one: Open, who: int) -> None:
        one.claimed.discard(who)
        one.gone.add(who)
        one.lapsed.add(who)
        one.sent[who] = replace(one.sent[who], claimed=False, gone=True, lapsed=True)
        self._check(one, wave=False)

    def _decline(self, one: Open, who: int) -> None:
        if one.ended_at is None and self.now < one.closes_at:
            one.gone.add(who)
            one.sent[who] = replace(one.sent[who], gone=True)
            self._check(one, wave=False)

    def _end(self, one: Open) -> None:
        if one.ended_at is None:
            one.ended_at = self.now
            self._count(one)
        hours = one.ended_at - one.at
        self.outcomes.append(
            Outcome(
                one.at,
                len(one.quoted) >= SLOTS,
                hours,
                len(one.sent),
                one.turned_away,
                one.late,
                one.newcomers,
                one.stated,
                one.shown,
            )
        )

    # What the model sees.

    def _count(self, one: Open) -> None:
        if self.target is None:
            who, weight = list(one.sent), weight_of(_moment(self.now))
            for mentor in who:
                self.quoted[mentor] += weight * (mentor in one.quoted)
                self.missed[mentor] += weight * (mentor not in one.quoted)
            return
        ended, records = ended_round(self.market, self._round(one), one.stated)
        self.ended.append(ended)
        weight = weight_of(_moment(self.now))
        for mentor, record in zip(one.sent, records, strict=True):
            self.quoted[mentor] += weight * record.quoted
            self.missed[mentor] += weight * record.missed

    def _learn(self) -> None:
        if self.target is not None:
            self.market = learn(list(self.ended), _moment(self.now))

    def _state(self, one: Open, said: float) -> None:
        phase = phase_of((self.now - one.at) / WINDOW_H)
        one.stated.append((phase, said))
        if self.market.learnt >= LEARNT_FROM:
            one.shown.append((phase, self.market.calibrated(phase, said)))

    def _round(self, one: Open) -> Round:
        full = one.full_since if one.taken >= SLOTS else None
        return Round(
            list(one.sent.values()),
            _moment(self.now),
            _moment(one.closes_at),
            timedelta(hours=WINDOW_H),
            _moment(full) if full is not None else None,
        )

    def _record(self, who: int) -> Record:
        return Record(float(self.quoted[who]), float(self.missed[who]))

    def _new(self) -> Any:
        return (self.quoted == 0) & (self.missed / weight_of(_moment(self.now)) < KNOWN_FROM)

    def _later(self, at: float, act: Callable[..., None], *given: Any) -> None:
        heapq.heappush(self._queue, (at, next(self._order), act, given))


def _moment(hour: float) -> datetime:
    return START + timedelta(hours=hour)


def settled(outcomes: Sequence[Outcome], after_days: float) -> list[Outcome]:
    """The rounds posted once the market was known."""
    return [one for one in outcomes if one.at >= after_days * 24]
