"""Compares the services of two commits: both systems run at once, and each route is measured at both by turns.

`make bench-compare A B` prints, for each route of `benchmarks.products`, the rate of B as a multiple of A's. The
launcher, the gateway's configuration and the load are those of the present tree.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks import bench, machine, report
from benchmarks.products import PRODUCTS
from benchmarks.report import say
from benchmarks.wrk import Failed
from deploy.local.process import StartError
from deploy.local.system import ROOT

CLIENTS = 50


def main(arguments: Sequence[str]) -> int:
    """Prints the ratios. Returns 1 if a commit is unknown, or its system does not start or answer."""
    parser = argparse.ArgumentParser("benchmarks.compare", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("commits", nargs=2, metavar="COMMIT")
    parser.add_argument("--turns", type=int, default=bench.TURNS)
    parser.add_argument("--seconds", type=int, default=bench.TURN_S, help="of each turn")
    parser.add_argument("--clients", type=int, default=CLIENTS)
    parser.add_argument("--only", choices=[product.title for product in PRODUCTS], help="one route")
    given = parser.parse_args(arguments)
    print(machine.described(os.getloadavg()), end="\n\n")
    try:
        with checked_out(given.commits[0]) as first, checked_out(given.commits[1]) as second:
            print(f"\n{_measure(first, second, given)}")
    except (Failed, StartError, TimeoutError) as error:
        say(f"✗ {error}")
        return 1
    return 0


def _measure(first: Path, second: Path, given: argparse.Namespace) -> str:
    """A table of the ratios, route by route."""
    products = [product for product in PRODUCTS if given.only in (None, product.title)]
    found: dict[str, tuple[list[float], list[float]]] = {product.title: ([], []) for product in products}
    sizes = (given.clients, given.seconds)
    with bench.running(first, *sizes) as one, bench.running(second, *sizes) as other:
        for turn in range(given.turns):
            say(f"turn {turn + 1} of {given.turns}")
            for product in products:
                for side in (0, 1) if turn % 2 == 0 else (1, 0):
                    found[product.title][side].append((one, other)[side].turn(product, given.seconds).rate)
    rows = []
    for title, (before, after) in found.items():
        ratios = [new / old for old, new in zip(before, after, strict=True)]
        medians = [f"{statistics.median(rates):.0f}" for rates in (before, after)]
        rows.append([title, bench.spread(ratios), *medians])
    return report.table(["route", "B of A", "A a second", "B a second"], rows)


@contextmanager
def checked_out(commit: str) -> Iterator[Path]:
    """A working tree of this commit during the block. Raises `Failed` for an unknown one."""
    with tempfile.TemporaryDirectory(prefix="releve-commit-") as folder:
        tree = Path(folder, "tree")
        _git("worktree", "add", "--detach", str(tree), commit)
        try:
            yield tree
        finally:
            _git("worktree", "remove", "--force", str(tree))


def _git(*arguments: str) -> None:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failed(f"git {arguments[0]}: {done.stderr.strip().splitlines()[-1]}")


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
