"""Five quotes in time: waves sized by the model against the fixed twenty, in virtual time.

`make evaluate-answers`, with ARGS="--write docs/measurements/answers.md" to keep the figures (and the same in a JSON
file beside it), ARGS="--rates 0.3 --days 30" for less. One core, some minutes. The model is not told the rates.
"""

import argparse
import json
import os
import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import machine, report
from benchmarks.answering import MENTORS_A_PROJECT, Outcome, World, settled
from benchmarks.report import say

RATES = (0.1, 0.2, 0.3, 0.4, 0.5)
TARGET = 0.98
SEED = 20261130
BINS = 10


@dataclass(frozen=True)
class Volume:
    """Projects ``a_day``, of which a slice of ``sampled`` is run for ``days``, with as many mentors for each; figures
    begin ``after_days``."""

    a_day: int
    sampled: int
    days: int
    after_days: float


VOLUMES = (Volume(100, 25, 60, 14), Volume(10_000, 100, 16, 6))


@dataclass(frozen=True)
class Figures:
    """One run. ``five``: the share with five quotes in 48 hours; ``away``: mentors for each project who wanted a slot
    and found none, ``late`` of them once the fifth quote was in; ``ece`` and ``brier`` of the chance that people
    read."""

    a_day: int
    rate: float
    waves: str
    rounds: int
    five: float
    away: float
    late: float
    median_h: float
    ninth_h: float
    invited: float
    newcomers: float
    ece: float | None
    brier: float | None
    first_ece: float | None
    reliability: list[tuple[float, float, int]]
    seconds: float

    @property
    def within(self) -> bool:
        """Whether the goals are met: 98 % and at most 4 turned away at 30 %, a calibrated chance at every rate."""
        if self.waves != "model":
            return True
        return (self.ece or 0.0) < 0.05 and (self.rate != 0.3 or (self.five >= 0.98 and self.away <= 4))


def main(arguments: Sequence[str]) -> int:
    """Runs the command and returns its exit status: 1 if a goal is missed."""
    parser = argparse.ArgumentParser(prog="benchmarks.answers", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rates", type=float, nargs="+", default=RATES, metavar="RATE")
    parser.add_argument("--days", type=int, metavar="DAYS", help="days of postings instead of each volume's own")
    parser.add_argument("--write", type=Path, metavar="DOCUMENT", help="rewrite the section of this document")
    parser.add_argument("--processes", type=int, default=2, metavar="NUMBER")
    asked = parser.parse_args(arguments)
    where = machine.described(os.getloadavg())
    found = []
    with ProcessPoolExecutor(asked.processes, mp_context=get_context("spawn")) as pool:
        runs = [
            pool.submit(measure, volume, rate, waves, asked.days)
            for volume in VOLUMES
            for rate in asked.rates
            for waves in ("twenty", "model")
        ]
        for run in runs:
            found.append(run.result())
            say(row(found[-1]))
    text = f"{where}\n\n{table(found)}\n\n{reliability(found)}"
    print(f"\n{text}")
    if asked.write:
        report.rewrite(asked.write, text)
        asked.write.with_suffix(".json").write_text(json.dumps([asdict(one) for one in found], indent=1) + "\n")
        say(f"written to {asked.write}")
    return 0 if all(one.within for one in found) else 1


def measure(volume: Volume, rate: float, waves: str, days: int | None = None) -> Figures:
    """Runs one market and sums up its rounds, without the first days in which the model learns."""
    began = time.process_time()
    world = World(rate, volume.sampled, TARGET if waves == "model" else None, SEED)
    rounds = settled(world.run(days or volume.days), volume.after_days)
    full = [one.hours for one in rounds if one.five]
    shown = [(said, one.five) for one in rounds for _, said in one.shown]
    first = [(one.shown[0][1], one.five) for one in rounds if one.shown]
    bins = binned(shown)
    invited = sum(one.invited for one in rounds)
    return Figures(
        a_day=volume.a_day,
        rate=rate,
        waves=waves,
        rounds=len(rounds),
        five=len(full) / len(rounds),
        away=_mean(rounds, "turned_away"),
        late=_mean(rounds, "late"),
        median_h=statistics.median(full),
        ninth_h=float(np.percentile(full, 90)),
        invited=invited / len(rounds),
        newcomers=sum(one.newcomers for one in rounds) / invited,
        ece=error(bins) if shown else None,
        brier=float(np.mean([(said - came) ** 2 for said, came in shown])) if shown else None,
        first_ece=error(binned(first)) if first else None,
        reliability=bins,
        seconds=time.process_time() - began,
    )


def binned(said: Sequence[tuple[float, bool]]) -> list[tuple[float, float, int]]:
    """For each tenth of the chance that occurs: the mean chance, the share that got five, and how many."""
    found = []
    for level in range(BINS):
        inside = [one for one in said if min(BINS - 1, int(one[0] * BINS)) == level]
        if inside:
            mean, came = (float(np.mean([one[place] for one in inside])) for place in (0, 1))
            found.append((mean, came, len(inside)))
    return found


def error(bins: Sequence[tuple[float, float, int]]) -> float:
    """The expected calibration error."""
    every = sum(count for _, _, count in bins)
    return sum(count * abs(mean - came) for mean, came, count in bins) / every


def table(found: Sequence[Figures]) -> str:
    """One row for each run."""
    names = (
        "projects a day | answers | waves | rounds | five in 48 h | turned away | of them late | "
        "fifth after (median) | (9 of 10) | invited | newcomers | ECE | at posting | Brier"
    )
    lines = [f"| {names} |", "|" + "---|" * len(names.split(" | ")), *map(row, found)]
    note = (
        f"Turned away: mentors a project who wanted a slot and found none, late ones after the fifth quote included. "
        f"{MENTORS_A_PROJECT} mentors for each project a day; 95 % intervals of five in 48 h in brackets."
    )
    return "\n".join([*lines, "", note])


def row(one: Figures) -> str:
    """One run as a row of `table`."""
    low, high = interval(one.five, one.rounds)
    cells = [
        f"{one.a_day:,}".replace(",", " "),
        f"{one.rate:.0%}",
        one.waves,
        str(one.rounds),
        f"{one.five:.1%} [{low:.1%}, {high:.1%}]",
        f"{one.away:.2f}",
        f"{one.late:.2f}",
        f"{one.median_h:.1f} h",
        f"{one.ninth_h:.1f} h",
        f"{one.invited:.1f}",
        f"{one.newcomers:.1%}",
        *("–" if value is None else f"{value:.3f}" for value in (one.ece, one.first_ece, one.brier)),
    ]
    return f"| {' | '.join(cells)} |"


def interval(share: float, size: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share."""
    z = 1.96
    middle = (share + z * z / (2 * size)) / (1 + z * z / size)
    half = z / (1 + z * z / size) * float(np.sqrt(share * (1 - share) / size + z * z / (4 * size * size)))
    return middle - half, middle + half


def reliability(found: Sequence[Figures]) -> str:
    """What became of each tenth of the chance, over all runs of the model."""
    rows: dict[int, list[tuple[float, float, int]]] = {}
    for one in found:
        for mean, came, count in one.reliability:
            rows.setdefault(min(BINS - 1, int(mean * BINS)), []).append((mean, came, count))
    lines = ["| chance told | five came | times told |", "|---|---|---|"]
    for _, every in sorted(rows.items()):
        count = sum(size for _, _, size in every)
        mean, came = (sum(one[place] * one[2] for one in every) / count for place in (0, 1))
        lines.append(f"| {mean:.1%} | {came:.1%} | {count} |")
    return "\n".join(lines)


def _mean(rounds: Sequence[Outcome], name: str) -> float:
    values: Sequence[Any] = [getattr(one, name) for one in rounds]
    return float(np.mean(values))


if __name__ == "__main__":
    import sys

    sys.exit(main(sys.argv[1:]))
