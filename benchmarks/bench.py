"""Rates of five routes as shares of what a bare application does a second, on the same engines in the same minutes.

`make bench` starts a system of its own in a temporary folder, and measures each route and its floor (benchmarks.floors)
by turns. It writes bench.json and the tables of bench.md. Projects are posted through the gateway; what only reads is
called at the services themselves, with ARGS="--gateway" through the gateway as well.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import machine, report, wrk
from benchmarks.floors import FLOORS, floors
from benchmarks.products import PRODUCTS, SETTINGS, Market, Product
from benchmarks.report import say
from benchmarks.wrk import Failed, Turn
from deploy.local.process import StartError
from deploy.local.system import ROOT, System

TURNS = 5
TURN_S = 5
CLIENTS = 200
TO = ROOT / "docs" / "measurements"


@dataclass
class Measured:
    """The turns of a route, and the turns of its floor beside each of them."""

    product: Product
    turns: list[Turn] = field(default_factory=list)
    floor: list[Turn] = field(default_factory=list)

    @property
    def ratios(self) -> list[float]:
        """The route's rate as a share of its floor's, turn by turn."""
        return [own.rate / beside.rate for own, beside in zip(self.turns, self.floor, strict=True)]


def main(arguments: Sequence[str]) -> int:
    """Measures and writes the figures. Returns 1 if the system does not start or an answer is not the expected one."""
    parser = argparse.ArgumentParser("benchmarks.bench", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--turns", type=int, default=TURNS)
    parser.add_argument("--seconds", type=int, default=TURN_S, help="of each turn")
    parser.add_argument("--clients", type=int, default=CLIENTS)
    parser.add_argument("--gateway", action="store_true", help="read through the gateway, too")
    parser.add_argument("--only", choices=[product.title for product in PRODUCTS], help="one route")
    parser.add_argument("--to", type=Path, default=TO, help="the folder of bench.json and bench.md")
    given = parser.parse_args(arguments)
    where = machine.described(os.getloadavg())
    try:
        with running(ROOT, given.clients, given.seconds, gateway=given.gateway) as market:
            measured, others = _by_turns(market, given)
    except (Failed, StartError, TimeoutError) as error:
        say(f"✗ {error}")
        return 1
    text = f"{where}\n\n{described(given)}\n\n{table(measured)}\n\n{floors_table(measured, others)}"
    print(f"\n{text}")
    report.rewrite(given.to / "bench.md", text)
    (given.to / "bench.json").write_text(json.dumps(figures(where, measured, others), indent=1) + "\n")
    say(f"written to {given.to}/bench.md and bench.json")
    return 0


@contextmanager
def running(root: Path, clients: int, seconds: int, *, gateway: bool = False) -> Iterator[Market]:
    """A system of the working tree ``root`` with its people, after ``seconds`` of posts, and the floors beside it."""
    if not wrk.there():
        raise Failed(wrk.MISSING)
    with tempfile.TemporaryDirectory(prefix="releve-bench-") as name:
        folder = Path(name)
        with System(folder / "data", settings=SETTINGS, root=root) as system, floors(system, folder) as port:
            yield Market(system, port, folder, clients, seconds, gateway=gateway)


def _by_turns(market: Market, given: argparse.Namespace) -> tuple[list[Measured], dict[str, list[Turn]]]:
    """The turns of each route and its floor, and those of the floors that no route is compared with."""
    measured = [Measured(product) for product in PRODUCTS if given.only in (None, product.title)]
    others: dict[str, list[Turn]] = {name: [] for name in FLOORS if name not in {p.floor for p in PRODUCTS}}
    for turn in range(given.turns):
        say(f"turn {turn + 1} of {given.turns}")
        for one in measured:
            for own in (True, False) if turn % 2 else (False, True):
                if own:
                    one.turns.append(market.turn(one.product, given.seconds))
                else:
                    one.floor.append(market.floor(one.product.floor, given.seconds))
        for name, turns in others.items():
            turns.append(market.floor(name, given.seconds))
    return measured, others


def described(given: argparse.Namespace) -> str:
    """How it was measured."""
    reads = "reads through Envoy, too" if given.gateway else "reads from the services themselves"
    return (
        f"{given.turns} turns of {given.seconds} s of each, {wrk.CONNECTIONS} connections, {given.clients} clients, "
        f"workers consuming; posts through Envoy, {reads}. The floors are never behind a gateway."
    )


def table(measured: Sequence[Measured]) -> str:
    """The ratios with their spread first, then the rates, the times and the cores that wrk took."""
    rows = []
    for one in measured:
        rates = [f"{_median(some, 'rate'):.0f}" for some in (one.turns, one.floor)]
        times = [f"{_median(one.turns, name):.0f}" for name in ("median_ms", "p99_ms")]
        own = f"{_median(one.turns, 'own'):.2f}"
        product = one.product
        rows.append([product.title, spread(one.ratios), f"{product.goal:.2f}", product.floor, *rates, *times, own])
    head = ["route", "of its floor", "goal", "floor", "a second", "floor's", "median ms", "p99 ms", "wrk's cores"]
    return report.table(head, rows)


def spread(ratios: Sequence[float]) -> str:
    """The median with the least and the most."""
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def floors_table(measured: Sequence[Measured], others: Mapping[str, Sequence[Turn]]) -> str:
    """The rates of the floors, and what the generator took of the two cores."""
    turns: dict[str, list[Turn]] = {name: list(some) for name, some in others.items()}
    for one in measured:
        turns.setdefault(one.product.floor, []).extend(one.floor)
    rows = []
    for name in (name for name in FLOORS if name in turns):
        rates = [turn.rate for turn in turns[name]]
        figures = [statistics.median(rates), min(rates), max(rates)]
        rows.append([name, *(f"{rate:.0f}" for rate in figures), f"{_median(turns[name], 'own'):.2f}"])
    return report.table(["floor", "a second", "least", "most", "wrk's cores"], rows)


def figures(where: str, measured: Sequence[Measured], others: Mapping[str, Sequence[Turn]]) -> dict[str, Any]:
    """All figures, for a program."""
    routes = [
        {
            "route": one.product.title,
            "floor": one.product.floor,
            "goal": one.product.goal,
            "ratio": {"median": statistics.median(one.ratios), "least": min(one.ratios), "most": max(one.ratios)},
            "turns": [asdict(turn) for turn in one.turns],
            "floor_turns": [asdict(turn) for turn in one.floor],
        }
        for one in measured
    ]
    beside = {name: [asdict(turn) for turn in turns] for name, turns in others.items()}
    return {"where": where, "routes": routes, "floors": beside}


def _median(turns: Sequence[Turn], name: str) -> float:
    return statistics.median(getattr(turn, name) for turn in turns)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
