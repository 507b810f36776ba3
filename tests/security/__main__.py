"""Prints the tables of docs/security.md: `python -m tests.security [callers|leaks|timing …]`.

- ``callers``: what every kind of caller gets from every route, tested on a system that it starts.
- ``leaks``: what the leak scan finds, by kind, on the part of the corpus that was set aside.
- ``timing``: whether times tell "not yours" from "not there", on 2 000 calls of each route, and an address that has an
  account from one that has none, on 800.

Status 1 if a caller gets something else than the table says, or a time tells.
"""

import argparse
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from chassis.mongo import connect
from deploy.local.system import System
from tests.security.addresses import SETTINGS, measure_addresses
from tests.security.timing import Told, measure
from tests.stories.callers.table import ACCOUNTS, OUTSIDE, PASSES, TABLE
from tests.stories.callers.world import build
from tests.stories.conftest import make_operator

PARTS = ("callers", "leaks", "timing")
ROUTES = {
    "/api/projects/{}": ("project_id", "other"),
    "/api/projects/{}/client": ("project_id", "losing"),
    "/api/rounds/{}": ("project_id", "uninvited"),
    "/api/quotes?project_id={}": ("project_id", "uninvited"),
    "/api/invitations/{}": ("invitation_id", "losing"),
    "/api/programmes/{}": ("programme_id", "other"),
}
"""Routes whose "not there" hides something, with the id and the caller who may not read it."""
CALLS = 2_000


def callers() -> int:
    """Tests the table on a system, and prints it."""
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", "tests/stories/test_callers.py"], check=False)
    for name, row in TABLE.items():
        by_status: dict[int, list[str]] = defaultdict(list)
        for caller, status in row.items():
            by_status[status].append(caller)
        print(name)
        for status, names in sorted(by_status.items()):
            print(f"    {status} {', '.join(names)}")
    print(f"{len(TABLE)} routes, {len((*OUTSIDE, *PASSES, *ACCOUNTS))} kinds of caller")
    return done.returncode


def leaks() -> int:
    """Evaluates the leak scan."""
    return subprocess.run([sys.executable, "-m", "tests.leaks", "--aside"], check=False).returncode


def timing() -> int:
    """Measures whether times tell anything."""
    told = []
    with tempfile.TemporaryDirectory(prefix="releve-security-") as name:
        settings = {"RELEVE_RATE_PERSON": "100000/100000", "RELEVE_RATE_ADDRESS": "100000/100000"}
        with System(Path(name), settings=settings) as system:
            world = build(system, system.mails, make_operator(system))
            print(f"{'route':34} {'P(yours > there)':>24} {'not yours':>10} {'not there':>10}")
            for route, (id, caller) in ROUTES.items():
                told.append(shown(measure(system.url, route, world.ids[id], world.callers[caller].token, CALLS)))
            world.close()
    return int(any(one.tells for one in told))


def addresses() -> int:
    """Measures whether times tell which addresses have an account."""
    folder = tempfile.TemporaryDirectory(prefix="releve-security-")
    with folder as name, System(Path(name), settings=SETTINGS) as system:
        database = connect(system.mongo_uri, "releve_accounts", app="security")
        print(f"{'route':34} {'P(taken > free)':>24} {'taken':>10} {'free':>10}")
        told = [shown(found) for found in measure_addresses(system.url, database)]
        database.client.close()
    return int(any(one.tells for one in told))


def shown(found: Told) -> Told:
    """Prints one line of a table of times."""
    interval = f"{found.statistic:.3f} [{found.low:.3f}, {found.high:.3f}]"
    times = f"{found.yours_ms:7.2f} ms {found.there_ms:7.2f} ms"
    print(f"{found.route:34} {interval:>24} {times} {'TELLS' if found.tells else ''}", flush=True)
    return found


def main(arguments: Sequence[str]) -> int:
    """Runs the parts asked for, by default all; returns the highest status."""
    parser = argparse.ArgumentParser("tests.security", description="The tables of the threat model.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    asked = parser.parse_args(arguments).parts or PARTS
    if unknown := set(asked) - set(PARTS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    run = {"callers": callers, "leaks": leaks, "timing": lambda: max(timing(), addresses())}
    return max(run[part]() for part in asked)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
