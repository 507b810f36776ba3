"""Fair exposure: who is invited for how often they are eligible, and what it costs in fit, in virtual time.

`make evaluate-fairness`, with ARGS="--write docs/measurements/fairness.md" to keep the figures. One core, a minute.
The labelled set's briefs (the part `tuned`) are posted at random for half a year; its mentors are ranked by the
product's ranking and ordered by `fair` with what is counted so far; the first `INVITED` below their cap are invited.
"""

import argparse
import os
import random
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from benchmarks import machine, report
from benchmarks.rankers import Current
from benchmarks.report import say
from contracts.fit.encoder import small_e5
from services.matching.model import GIVEN, Considered, fair
from services.matching.model.exposure import month_of
from services.matching.model.waves import LEAST_FIT
from tests.matching import labelled

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
WEEKS, INVITED, CAP = 26, 12, 5
COUNTED_AFTER = timedelta(hours=48)
"""A round is counted when it ends."""
A_WEEK = (10, 20)
"""Projects a week: a fifth and two fifths of what the mentors' caps could take."""
SEEDS = range(5)
STEPS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
"""0 is greedy: the order of the score."""
DEPTH = 12
LEAST_GAIN, MOST_LOSS = 0.25, 0.03
"""The goals: by how much the Gini coefficient falls, and how much of nDCG it may cost."""

Lists = Mapping[str, Sequence[Considered]]


@dataclass(frozen=True)
class Figures:
    """One market: the Gini coefficient of invitations by eligibility, the share of the eligible who were never
    invited, and nDCG@12 of the lists as they were walked."""

    gini: float
    never: float
    ndcg: float


def main(arguments: Sequence[str]) -> int:
    """Runs the command and returns its exit status: 1 if a goal is missed at the product's part."""
    parser = argparse.ArgumentParser(prog="benchmarks.fairness", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--write", type=Path, metavar="DOCUMENT", help="rewrite the section of this document")
    asked = parser.parse_args(arguments)
    where = machine.described(os.getloadavg())
    say("ranking every brief once")
    lists, grades = ranked_lists(), labelled.grades()
    found = {}
    for a_week in A_WEEK:
        for given in STEPS:
            found[a_week, given] = [run(lists, grades, a_week, given, seed) for seed in SEEDS]
            say(f"{a_week} a week, given up {given}: {found[a_week, given][0]}")
    text = f"{where}\n\n{table(found)}"
    print(f"\n{text}")
    if asked.write:
        report.rewrite(asked.write, text)
        say(f"written to {asked.write}")
    return 0 if all(within(found[one, GIVEN], found[one, 0.0]) for one in A_WEEK) else 1


def ranked_lists() -> Lists:
    """The list of each brief, best first, as the product's ranking makes it."""
    ranking, lists = Current(labelled.mentors(), small_e5()), {}
    for brief in labelled.briefs(split=labelled.TUNED):
        kept = [one for one in ranking.compared(labelled.posting(brief)) if one.parts["topics"] >= LEAST_FIT]
        lists[brief["id"]] = [
            Considered(one.mentor, one.mentor, score=one.score, rank=place) for place, one in enumerate(kept, 1)
        ]
    return lists


def run(
    lists: Lists, grades: Mapping[str, Mapping[str, int]], a_week: int, given: float, seed: int
) -> Figures:
    """Half a year of one market. The same seed posts the same briefs at every part."""
    lots, gap = random.Random(seed), timedelta(days=7) / a_week
    exposure: dict[str, dict[str, Counter[str]]] = {}
    eligible, invited = Counter[str](), Counter[str]()
    waiting: list[tuple[datetime, Sequence[Considered], set[str]]] = []
    lately: dict[str, list[datetime]] = {}
    fits = []
    for number in range(WEEKS * a_week):
        now = START + number * gap
        while waiting and waiting[0][0] <= now:
            count(exposure, *waiting.pop(0))
        brief = lots.choice(sorted(lists))
        places = lists[brief]
        order = fair(places, exposure, len(places), now, given) if given else list(places)
        fits.append(ndcg([one.account for one in order], grades[brief]))
        chosen = set[str]()
        for one in order:
            recent = [at for at in lately.get(one.account, []) if at > now - timedelta(days=7)]
            if len(chosen) < INVITED and len(recent) < CAP:
                chosen.add(one.account)
                lately[one.account] = [*recent, now]
        eligible.update(one.account for one in places)
        invited.update(chosen)
        waiting.append((now + COUNTED_AFTER, places, chosen))
    shares = [invited[account] / eligible[account] for account in eligible]
    return Figures(gini(shares), sum(not share for share in shares) / len(shares), statistics.fmean(fits))


def count(
    exposure: dict[str, dict[str, Counter[str]]], at: datetime, places: Sequence[Considered], chosen: set[str]
) -> None:
    """Counts a round that has ended, as matching does."""
    for one in places:
        code = "invited" if one.account in chosen else "others-first"
        exposure.setdefault(one.account, {}).setdefault(month_of(at), Counter())[code] += 1


def gini(shares: Sequence[float]) -> float:
    """0 where all have the same, towards 1 where one has everything."""
    ordered = np.sort(np.asarray(shares, dtype=float))
    size, total = len(ordered), ordered.sum()
    return float((2 * np.arange(1, size + 1) - size - 1) @ ordered / (size * total)) if total else 0.0


def ndcg(order: Sequence[str], grades: Mapping[str, int]) -> float:
    """nDCG of the first `DEPTH`; a grade g gains 2^g - 1."""
    discounts = 1 / np.log2(np.arange(2, DEPTH + 2))
    gains = np.array([2 ** grades.get(account, 0) - 1 for account in order[:DEPTH]], dtype=float)
    best = np.array(sorted((2**grade - 1 for grade in grades.values()), reverse=True)[:DEPTH], dtype=float)
    return float(gains @ discounts[: len(gains)] / (best @ discounts[: len(best)]))


def within(found: Sequence[Figures], greedy: Sequence[Figures]) -> bool:
    """Whether both goals are met on average over the seeds."""
    gain, loss = compared(found, greedy)
    return gain >= LEAST_GAIN and loss <= MOST_LOSS


def compared(found: Sequence[Figures], greedy: Sequence[Figures]) -> tuple[float, float]:
    """By which share the Gini coefficient and nDCG fall against greedy, averaged over the seeds."""

    def mean(figures: Sequence[Figures], name: str) -> float:
        return statistics.fmean(getattr(one, name) for one in figures)

    return 1 - mean(found, "gini") / mean(greedy, "gini"), 1 - mean(found, "ndcg") / mean(greedy, "ndcg")


def table(found: Mapping[tuple[int, float], Sequence[Figures]]) -> str:
    """One row for each market and part of the score, with the range over the seeds."""
    head = ["projects a week, given up", "Gini", "fairer by", "never invited", "nDCG@12", "loss", "goals"]
    rows = []
    for (a_week, given), figures in found.items():
        greedy = found[a_week, 0.0]
        gain, loss = compared(figures, greedy)
        name = "greedy" if not given else f"{given:g}" + (" (in use)" if given == GIVEN else "")
        met = "–" if not given else "met" if within(figures, greedy) else "missed"
        spread = [f"{mean:{form}} [{low:{form}}, {high:{form}}]" for mean, low, high, form in ranges(figures)]
        rows.append([f"{a_week}, {name}", spread[0], f"{gain:.0%}", spread[1], spread[2], f"{loss:.1%}", met])
    return report.table(head, rows)


def ranges(figures: Sequence[Figures]) -> list[tuple[float, float, float, str]]:
    """Mean, least and most over the seeds of each figure, with its format."""
    return [
        (statistics.fmean(values), min(values), max(values), form)
        for name, form in (("gini", ".3f"), ("never", ".1%"), ("ndcg", ".3f"))
        for values in [[getattr(one, name) for one in figures]]
    ]


if __name__ == "__main__":
    import sys

    sys.exit(main(sys.argv[1:]))
