"""`python -m tests.clocks [--whole] [DATE...]`: runs tests and the demo on other dates; the machine's clock stays.

Without `--whole` it runs the date-dependent tests only. Exits with 1 if anything failed on any date.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from deploy.local.ports import free_port
from tests.clocks.shim import NoCompiler, build, shifted

ROOT = Path(__file__).resolve().parents[2]
BEFORE = {"demo": timedelta(seconds=20), "part": timedelta(minutes=1), "whole": timedelta(minutes=5)}
"""How long before the repeated hour a run starts, so that the demo crosses it while its window is open."""
HANDLER = "tests/integration/test_stop.py::test_handler_in_flight_is_finished_and_takes_effect_once"
"""The only stop test that publishes an event with times; the others use no date and take a minute."""
PART = [
    "tests/unit", "tests/contract", "tests/stories/test_nestle_waters.py", HANDLER,
    "tests/integration/test_notify.py", "tests/integration/test_digest.py", "tests/integration/test_orders.py",
    "tests/races/test_deadlines.py",
    # a dry run of the checks, and measurements of growth: both know no date, and are half of the work
    "--ignore=tests/contract/test_adding_a_part.py", "--ignore=tests/unit/test_growth.py",
]  # fmt: skip


def last_sunday_of_october(now: datetime) -> datetime:
    """When Paris next leaves daylight saving time: 01:00 UTC on the last Sunday of October."""
    for year in (now.year, now.year + 1):
        last = datetime(year, 10, 31, 1, tzinfo=UTC)
        last -= timedelta(days=(last.weekday() + 1) % 7)
        if last > now:
            return last
    raise AssertionError("October of next year lies in the future")


DATES: Mapping[str, Callable[[datetime, timedelta], datetime]] = {
    "in-40-days": lambda now, _: now + timedelta(days=40),
    "2031-02-01": lambda *_: datetime(2031, 2, 1, 9, tzinfo=UTC),
    "2036-02-29": lambda *_: datetime(2036, 2, 29, 9, tzinfo=UTC),
    "end-of-summer-time": lambda now, before: last_sunday_of_october(now) - before,
}
"""Start of a run on each date, from the real time and the lead before a change of the clocks."""


def run(name: str, command: list[str], environ: Mapping[str, str]) -> bool:
    """Runs the command with its output passed through; returns whether it succeeded."""
    began = time.monotonic()
    status = subprocess.run([sys.executable, *command], cwd=ROOT, env=environ, check=False).returncode
    print(f"  {'✓' if status == 0 else '✗'} {name} {time.monotonic() - began:.0f} s", flush=True)
    return status == 0


def on_date(name: str, library: Path, whole: bool, more: list[str]) -> bool:
    """Runs tests, then the demo, each from the start of that date; returns whether both succeeded."""
    tests = ["-m", "pytest", "-q", "-n", "3", *(more or ([] if whole else PART))]
    tested = at(name, "tests", "whole" if whole else "part", tests, library, {})
    with tempfile.TemporaryDirectory() as data:
        settings = {"RELEVE_PORT": str(free_port()), "RELEVE_DATA": data}
        shown = at(name, "demo", "demo", ["deploy/local/run.py", "demo"], library, settings)
    return tested and shown


def at(name: str, title: str, kind: str, command: list[str], library: Path, settings: dict[str, str]) -> bool:
    """Runs the command with clocks that start at that date; returns whether it succeeded."""
    now = datetime.now(UTC)
    moment = DATES[name](now, BEFORE[kind])
    print(f"{title} on {name}: clocks say {moment:%Y-%m-%d %H:%M:%S} UTC", flush=True)
    return run(f"{title} on {name}", command, shifted(library, moment - now, os.environ) | settings)


def main() -> int:
    """Returns 0 if everything passed on every date, 1 if not, 2 if clocks cannot be shifted."""
    parser = argparse.ArgumentParser(description="Tests and demo on other dates.")
    parser.add_argument("dates", nargs="*", metavar="DATE", help=f"of {', '.join(DATES)}; all without")
    parser.add_argument("--whole", action="store_true", help="every test instead of those that meet dates")
    parser.add_argument("--tests", action="append", default=[], help="these tests instead (may be repeated)")
    asked = parser.parse_args()
    if wrong := set(asked.dates) - DATES.keys():
        parser.error(f"no date is called {', '.join(sorted(wrong))}")
    try:
        library = build(ROOT / "build")
    except NoCompiler as error:
        print(f"Not tried on other dates: {error}.")
        return 2
    try:
        failed = [name for name in asked.dates or DATES if not on_date(name, library, asked.whole, asked.tests)]
    finally:
        library.unlink()
    print(f"Failed on: {', '.join(failed)}." if failed else "Held on every date.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
