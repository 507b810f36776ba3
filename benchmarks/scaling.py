"""Scaling: twice the HTTP processes of a service on twice the cores, each pinned to a core of its own.

`make bench-scaling`. By turns one process answers on the first core, or two on the first and the second, with the same
number of connections to each. Engines, workers and the generator are not pinned: they share the cores with whatever is
measured, so the more a route leaves to MongoDB, the less a second process can add here.
"""

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from benchmarks import machine, report, wrk
from benchmarks.bench import spread
from benchmarks.products import PRODUCTS, SETTINGS, Market, Product
from benchmarks.report import say
from benchmarks.wrk import Failed
from deploy.local.process import StartError
from deploy.local.shape import Shape
from deploy.local.system import ROOT, System

TURNS = 5
TURN_S = 5
CLIENTS = 200
GOAL = 1.7
DOCUMENT = ROOT / "docs" / "measurements" / "scaling.md"
READS = [product for product in PRODUCTS if product.method == "GET"]


@dataclass(frozen=True)
class Doubled(Shape):
    """A second HTTP process of each service that is measured, such as `matching-http-2`; no gateway leads to it."""

    @property
    def processes(self) -> dict[str, tuple[str, str]]:
        """Every process of every part: name → part and side."""
        measured = {product.process: product.process.removesuffix("-http") for product in READS}
        return super().processes | {second(name): (part, "http") for name, part in measured.items()}


def main(arguments: Sequence[str]) -> int:
    """Measures and writes the table. Returns 1 if the system does not start or an answer is not the expected one."""
    parser = argparse.ArgumentParser("benchmarks.scaling", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--turns", type=int, default=TURNS)
    parser.add_argument("--seconds", type=int, default=TURN_S, help="of each turn")
    parser.add_argument("--clients", type=int, default=CLIENTS)
    parser.add_argument("--to", type=Path, default=DOCUMENT, help="the document that gets the table")
    given = parser.parse_args(arguments)
    cores = sorted(os.sched_getaffinity(0))[:2]
    if len(cores) < 2:
        say("✗ this needs two cores")
        return 1
    where = machine.described(os.getloadavg())
    try:
        with tempfile.TemporaryDirectory(prefix="releve-scaling-") as name:
            folder = Path(name)
            with System(folder / "data", settings=SETTINGS, shape=Doubled()) as system:
                market = Market(system, 0, folder, given.clients, given.seconds)
                rates = {one.title: Pinned(system, market, one, cores, folder).by_turns(given) for one in READS}
    except (Failed, StartError, TimeoutError) as error:
        say(f"✗ {error}")
        return 1
    text = f"{where}\n\n{described(given)}\n\n{table(rates)}"
    print(f"\n{text}")
    report.rewrite(given.to, text)
    return 0


class Pinned:
    """One route of a service whose two HTTP processes are pinned to a core each."""

    def __init__(self, system: System, market: Market, product: Product, cores: Sequence[int], folder: Path) -> None:
        self._requests = []
        self._folders = [folder / f"core-{core}" for core in cores]
        self._product = product
        for process, core, own in zip((product.process, second(product.process)), cores, self._folders, strict=True):
            pin(system.processes[process], core)
            own.mkdir(exist_ok=True)
            self._requests.append(replace(market.request(product), port=system.port_of(process)))

    def by_turns(self, given: argparse.Namespace) -> tuple[list[float], list[float]]:
        """Answers a second of one process, and of both, turn by turn."""
        rates: tuple[list[float], list[float]] = ([], [])
        for turn in range(given.turns):
            say(f"{self._product.title}: turn {turn + 1} of {given.turns}")
            for number in (1, 2) if turn % 2 else (2, 1):
                rates[number - 1].append(self._rate(number, given.seconds))
        return rates

    def _rate(self, number: int, seconds: int) -> float:
        with ThreadPoolExecutor(number) as pool:
            sent = [
                pool.submit(wrk.send, request, seconds, own)
                for request, own in zip(self._requests[:number], self._folders, strict=False)
            ]
            return sum(one.result().rate for one in sent)


def pin(process: int, core: int) -> None:
    """Lets a process, its children and all their threads run on this core only, as `taskset` does."""
    parent = psutil.Process(process)
    for one in (parent, *parent.children(recursive=True)):
        for thread in one.threads():
            os.sched_setaffinity(thread.id, {core})


def second(process: str) -> str:
    """The name of the second process of a kind."""
    return f"{process}-2"


def described(given: argparse.Namespace) -> str:
    """How it was measured."""
    return (
        f"{given.turns} turns of {given.seconds} s of each, by turns; {wrk.CONNECTIONS} connections to each process. "
        f"Goal: {GOAL:.1f} times."
    )


def table(rates: dict[str, tuple[list[float], list[float]]]) -> str:
    """The ratios with their spread first, then the rates."""
    rows = []
    for title, (one, both) in rates.items():
        ratios = [more / less for less, more in zip(one, both, strict=True)]
        rows.append([title, spread(ratios), f"{statistics.median(one):.0f}", f"{statistics.median(both):.0f}"])
    return report.table(["route", "two of one", "answers a second: one process", "two processes"], rows)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
