"""Pairs 20 with 20 and 2 000 with 2 000 people on one core, and compares the time with a bare assignment.

The texts of everybody are read first, as the worker does once for each text.

`make bench-pairing`, with ARGS="--sizes 20 500" for other sizes and ARGS="--write docs/measurements/pairing.md" to keep
the figures. Each size runs in a process of its own, whose peak memory includes Python and its libraries.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from benchmarks import machine, report
from benchmarks.crowd import crowd
from benchmarks.report import say
from contracts.fit.encoder import small_e5
from services.programmes.model.pairing import Problem, solve
from services.programmes.model.pairing.portraits import seen
from services.programmes.model.programme import Rules

SIZES = (20, 200, 2000)
SHORT_RUNS = 9
"""Runs of a size up to 200; larger ones run once."""
LIMITS = {20: (0.2, 1024.0), 2000: (30.0, 1024.0)}
"""The seconds and MiB that a size may take."""
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


@dataclass(frozen=True)
class Figures:
    """Seconds (median) to read a text, to solve, to solve again after one pair was forbidden, and for a bare assignment
    of random numbers of this size; the peak memory in MiB; and what came out."""

    size: int
    read_s: float
    solve_s: float
    again_s: float
    bare_s: float
    peak_mib: float
    pairs: int
    alone: int
    changed: int
    worst: float
    mean: float

    @property
    def within(self) -> bool:
        """Whether the figures are within the limits of this size."""
        seconds, mebibytes = LIMITS.get(self.size, (float("inf"), float("inf")))
        return max(self.solve_s, self.again_s) <= seconds and self.peak_mib <= mebibytes


def main(arguments: Sequence[str]) -> int:
    """Runs the command and returns its exit status: 1 if a limit is exceeded."""
    parser = argparse.ArgumentParser(prog="benchmarks.pairing", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="PEOPLE")
    parser.add_argument("--write", type=Path, metavar="DOCUMENT", help="rewrite the section of this document")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.child:
        print(json.dumps(asdict(measure(asked.sizes[0]))))
        return 0
    where = machine.described(os.getloadavg())
    found = [in_child(size) for size in asked.sizes]
    text = f"{where}\n\n{table(found)}"
    print(f"\n{text}")
    if asked.write:
        report.rewrite(asked.write, text)
        say(f"written to {asked.write}")
    return 0 if all(one.within for one in found) else 1


def in_child(size: int) -> Figures:
    """The figures of a size, measured in a process of its own on one core."""
    say(f"{size} mentors with {size} mentees")
    command = [sys.executable, "-m", "benchmarks.pairing", "--child", "--sizes", str(size)]
    done = subprocess.run(
        command, cwd=machine.ROOT, env=os.environ | ONE_THREAD, stdout=subprocess.PIPE, text=True, check=True
    )
    return Figures(**json.loads(done.stdout))


def measure(size: int) -> Figures:
    """Solves a crowd of this size, again after a change, and a bare assignment, on one core."""
    core = min(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    runs = SHORT_RUNS if size <= 200 else 1
    few, people = crowd(3, 3), crowd(size, size)
    solve(Problem(few, seen={one.id: seen(one, small_e5()) for one in few}))  # loads what is loaded lazily
    read = [timed(partial(seen, one, small_e5()), 1) for one in people]
    by_id = {one.id: found for one, (_, found) in zip(people, read, strict=True)}
    problem = Problem(people, Rules(cross_company=True), seen=by_id)
    solve_s, proposal = timed(lambda: solve(problem), runs)
    current = frozenset((pair.mentor, pair.mentee) for pair in proposal.pairs)
    changed = replace(problem, current=current, forbidden=frozenset({min(current)}))
    again_s, again = timed(lambda: solve(changed), runs)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    matrix = np.random.default_rng(size).random((size, size))
    bare_s, _ = timed(lambda: linear_sum_assignment(matrix), runs)
    scores = [pair.score for pair in proposal.pairs]
    return Figures(
        size,
        statistics.median(seconds for seconds, _ in read),
        solve_s,
        again_s,
        bare_s,
        peak,
        len(scores),
        len(proposal.unpaired),
        len(again.removed),
        min(scores),
        statistics.mean(scores),
    )


def timed(call: Callable[[], Any], runs: int) -> tuple[float, Any]:
    """The median of the seconds that a call takes, and its last result."""
    seconds = []
    for _ in range(runs):
        began = time.perf_counter()
        result = call()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds), result


def table(found: Sequence[Figures]) -> str:
    """The figures as a table, one column for each size."""
    rows: Mapping[str, Callable[[Figures], str]] = {
        "read once, seconds a text": lambda one: f"{one.read_s:.3f}",
        "solved, seconds": lambda one: f"{one.solve_s:.3f}",
        "solved again with one pair forbidden, seconds": lambda one: f"{one.again_s:.3f}",
        "bare assignment of random numbers, seconds": lambda one: f"{one.bare_s:.6f}",
        "times the bare assignment": lambda one: f"{one.solve_s / one.bare_s:.0f}",
        "peak memory of the process, MiB": lambda one: f"{one.peak_mib:.0f}",
        "pairs": lambda one: str(one.pairs),
        "people without a pair": lambda one: str(one.alone),
        "pairs that ended by forbidding one": lambda one: str(one.changed),
        "worst and mean fit": lambda one: f"{one.worst:.3f}, {one.mean:.3f}",
        "within the limits": lambda one: "yes" if one.within else "NO",
    }
    head = ["mentors with as many mentees", *(str(one.size) for one in found)]
    return report.table(head, [[title, *(cell(one) for one in found)] for title, cell in rows.items()])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
