"""Ranks a hundred thousand mentors on one core: time, memory, the shelf built anew, one changed profile.

`make bench-ranking`, with ARGS="--write docs/measurements/ranking.md" to keep the figures, ARGS="--mentors 10000" for
fewer. The mentors are written to a file as MongoDB would send them; a process bound to one core reads them.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import bson
import numpy as np
import psutil

from benchmarks import machine, report
from benchmarks.mentors import SEED, invented, needs
from benchmarks.report import say
from contracts.fit.encoder import WIDTH, small_e5
from contracts.fit.kept import asked_data, asked_of, portrait_data, portrait_of
from contracts.fit.portraits import Asked, Portrait, ask, paint
from services.matching.model.ranking import Need, rank
from services.matching.model.shelf import Shelf, Traits
from tests.matching.labelled import briefs, mentors

MENTORS: Final = 100_000
NEEDS: Final = 200
FIRST: Final = 50
"""The entries that are read of each ranking."""
REPLACED: Final = 60_000
"""Profiles that are replaced one after the other: enough for the columns to be renewed."""
TODAY: Final = date.min + timedelta(days=1)
"""The day from which the days until a mentor is available count; which day it is changes nothing."""
LIMITS: Final = {"rank_median_ms": 50.0, "rank_p99_ms": 150.0, "resident_mib": 953.0, "built_s": 60.0}
ONE_THREAD: Final = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


@dataclass(frozen=True)
class Figures:
    """Milliseconds of `rank` with its first entries, and of one product of a matrix of all directions with a vector;
    seconds to read and put all mentors; milliseconds to replace one; MiB of the process before and after, at most.
    Times are the processor's: what other processes take of the core does not count."""

    mentors: int
    rank_median_ms: float
    rank_p99_ms: float
    product_ms: float
    built_s: float
    replaced_median_ms: float
    replaced_longest_ms: float
    empty_mib: float
    resident_mib: float
    peak_mib: float

    @property
    def within(self) -> bool:
        """Whether no limit is exceeded."""
        return all(getattr(self, name) <= limit for name, limit in LIMITS.items())


def main(arguments: Sequence[str]) -> int:
    """Runs the command and returns its exit status: 1 if a limit is exceeded."""
    parser = argparse.ArgumentParser(prog="benchmarks.shelf", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--mentors", type=int, default=MENTORS, metavar="NUMBER")
    parser.add_argument("--write", type=Path, metavar="DOCUMENT", help="rewrite the section of this document")
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.folder:
        print(json.dumps(asdict(measure(asked.folder))))
        return 0
    where = machine.described(os.getloadavg())
    with TemporaryDirectory() as folder:
        say("mentors and needs")
        store(Path(folder), asked.mentors)
        say("rankings")
        found = in_child(Path(folder))
    text = f"{where}\n\n{table(found)}"
    print(f"\n{text}")
    if asked.write:
        report.rewrite(asked.write, text)
        say(f"written to {asked.write}")
    return 0 if found.within else 1


def store(folder: Path, number: int) -> None:
    """Writes mentors and needs, mixed from the labelled ones."""
    encoder = small_e5()
    models = [paint(one["skills"], [one["headline"], one["bio"]], encoder) for one in mentors()]
    asks = [ask(one["title"], one["brief"], one["topics"], encoder) for one in briefs()]
    write(folder, models, asks, number)


def write(folder: Path, models: Sequence[Portrait], asks: Sequence[Asked], number: int) -> None:
    """Writes this number of mentors, and the needs, as MongoDB keeps them."""
    with (folder / "mentors").open("wb") as file:
        for place, (portrait, traits) in enumerate(invented(models, number, TODAY)):
            wait = (traits.available_from - TODAY).days if traits.available_from else 0
            row = {"_id": f"m{place}", "languages": traits.languages, "rate": traits.rate, "wait": wait}
            file.write(bson.encode({**row, **portrait_data(portrait)}))
    with (folder / "needs").open("wb") as file:
        for one in needs(asks, NEEDS):
            file.write(bson.encode(asked_data(one)))


def in_child(folder: Path) -> Figures:
    """Measures in a process of its own on the first core that this one may use."""
    command = [sys.executable, "-m", "benchmarks.shelf", "--folder", str(folder)]
    core = min(os.sched_getaffinity(0))
    child = subprocess.run(
        command, env=os.environ | ONE_THREAD, check=True, stdout=subprocess.PIPE, text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )  # fmt: skip
    return Figures(**json.loads(child.stdout))


def measure(folder: Path) -> Figures:
    """Builds the shelf, ranks every need, replaces profiles."""
    process, shelf = psutil.Process(), Shelf()
    wanted = [Need(asked_of(row), ("fr", "en"), 300_000, "EUR") for row in _rows(folder / "needs")]
    empty = process.memory_info().rss
    built = timed(lambda: _fill(shelf, folder)) / 1000
    resident = process.memory_info().rss
    rank(shelf, wanted[0], TODAY, "warm").entries(0, FIRST)
    ranked = [timed(lambda: rank(shelf, need, TODAY, "seed").entries(0, FIRST)) for need in wanted]  # noqa: B023
    replaced = list(_replaced(shelf, folder))
    return Figures(
        mentors=len(shelf),
        rank_median_ms=statistics.median(ranked),
        rank_p99_ms=float(np.percentile(ranked, 99)),
        product_ms=product_ms(len(shelf)),
        built_s=built,
        replaced_median_ms=statistics.median(replaced),
        replaced_longest_ms=max(replaced),
        empty_mib=empty / 2**20,
        resident_mib=resident / 2**20,
        peak_mib=_peak_mib(),
    )


def product_ms(rows: int) -> float:
    """The milliseconds of one product of a random matrix of this number of directions with a vector (median)."""
    matrix = np.random.default_rng(SEED).random((rows, WIDTH), np.float32)
    return statistics.median(timed(lambda: matrix @ matrix[0]) for _ in range(50))


def timed(action: Callable[[], Any]) -> float:
    """Milliseconds of the processor that the action takes."""
    began = time.process_time()
    action()
    return 1000 * (time.process_time() - began)


def table(found: Figures) -> str:
    """The figures, each with its limit."""

    def limit(name: str, unit: str) -> str:
        return f"{LIMITS[name]:g} {unit}"

    product = found.product_ms
    rows = [
        [f"rank and read the first {FIRST}, median", f"{found.rank_median_ms:.1f} ms",
         f"{found.rank_median_ms / product:.1f}", limit("rank_median_ms", "ms")],
        ["the same, 99th percentile", f"{found.rank_p99_ms:.1f} ms", f"{found.rank_p99_ms / product:.1f}",
         limit("rank_p99_ms", "ms")],
        ["one product of all directions with a vector", f"{product:.1f} ms", "1", ""],
        ["all mentors read and put on an empty shelf", f"{found.built_s:.1f} s",
         f"{found.built_s * 1000 / product:.0f}", limit("built_s", "s")],
        ["one profile replaced, median", f"{found.replaced_median_ms:.2f} ms",
         f"{found.replaced_median_ms / product:.3f}", ""],
        ["one profile replaced, longest (the columns are renewed)", f"{found.replaced_longest_ms:.0f} ms",
         f"{found.replaced_longest_ms / product:.0f}", ""],
        ["memory of the process before", f"{found.empty_mib:.0f} MiB", "", ""],
        ["with the shelf", f"{found.resident_mib:.0f} MiB", "", limit("resident_mib", "MiB")],
        ["at its peak, while profiles were replaced", f"{found.peak_mib:.0f} MiB", "", ""],
    ]  # fmt: skip
    return report.table([f"{found.mentors:,} mentors".replace(",", " "), "", "products", "limit"], rows)


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    with file.open("rb") as stream:
        yield from bson.decode_file_iter(stream)


def _fill(shelf: Shelf, folder: Path) -> None:
    for row in _rows(folder / "mentors"):
        shelf.put(row["_id"], "", portrait_of(row), _traits(row))


def _replaced(shelf: Shelf, folder: Path) -> Iterator[float]:
    """Puts the first profiles once more; yields the milliseconds of each."""
    for row in islice(_rows(folder / "mentors"), REPLACED):
        began = time.process_time()
        shelf.put(row["_id"], "", portrait_of(row), _traits(row))
        yield 1000 * (time.process_time() - began)


def _traits(row: dict[str, Any]) -> Traits:
    later = TODAY + timedelta(row["wait"]) if row["wait"] else None
    return Traits(tuple(row["languages"]), row["rate"], "EUR", later)


def _peak_mib() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
