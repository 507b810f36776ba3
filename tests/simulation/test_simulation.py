"""Whole histories under every disorder that Kafka, processes and time allow; the same seed gives the same history.

``RELEVE_TEST_HISTORIES`` sets their number; ``RELEVE_TEST_SEED`` replays a single one.
"""

import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.engines import Mongo
from deploy.local.ports import free_port
from tests.conftest import HISTORIES
from tests.simulation.driver import Violation
from tests.simulation.plants import PLANTS, Plant
from tests.simulation.simulation import Simulation
from tests.simulation.stage import Stage

SEED = os.environ.get("RELEVE_TEST_SEED")
A_STAGE = 20
"""Histories per test, so that progress is visible."""
STARTS = range(0, HISTORIES, A_STAGE)
SEEDS = [range(int(SEED), int(SEED) + 1)] if SEED else [range(s, min(s + A_STAGE, HISTORIES)) for s in STARTS]
ENDS = {"awarded", "completed", "refused", "expired", "cancelled", "unfilled"}
BY_THE_DATABASE = {"quotes": 4, "projects": 1, "matching": 1, "accounts": 3}
"""How often a service's code names ``$$NOW``. In quotes: the window's guard, which the virtual clock decides, a list
for operators and figures. In the others: a list, the time of a reading, and a service that is not simulated.
"""
ENOUGH = 20
"""Number of histories among which each kind of ending occurs."""
BOUND = 40
"""Number of histories within which each planted bug must be found."""


@pytest.fixture(scope="module")
def uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A mongod for the simulation only."""
    with Mongo(tmp_path_factory.mktemp("simulation") / "data", free_port()) as mongo:
        yield mongo.uri


@pytest.fixture(scope="module")
def stage(uri: str) -> Iterator[Stage]:
    with Stage.on(uri) as stage:
        yield stage


@pytest.fixture(scope="module")
def ends() -> Counter[str]:
    """Number of projects by kind of ending."""
    return Counter()


@pytest.mark.parametrize("seeds", SEEDS, ids=lambda seeds: f"{seeds[0]}-{seeds[-1]}")
def test_no_history_loses_doubles_or_reveals_anything(stage: Stage, seeds: range, ends: Counter[str]) -> None:
    for seed in seeds:
        simulation = Simulation(stage, seed)
        simulation.run()
        ends.update(simulation.ends)
    print(dict(ends))
    if ends.total() >= HISTORIES >= ENOUGH:
        assert ends.keys() == ENDS


def test_same_seed_gives_the_same_history(stage: Stage) -> None:
    first, second, other = (Simulation(stage, seed) for seed in (6, 6, 8))
    for simulation in (first, second, other):
        simulation.run()
    assert first.trace == second.trace
    assert first.trace != other.trace


@pytest.mark.skipif(SEED is not None, reason="only one history is replayed")
@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.name)
def test_planted_bug_is_found_and_its_seed_finds_it_again(stage: Stage, plant: Plant) -> None:
    with plant.planted():
        found = first_violation(stage, range(plant.near, plant.near + BOUND))
        assert found is not None, f"not found in {BOUND} histories: {plant.name}"
        print(f"{plant.name}: seed {found.seed}, step {found.step}: {found.error!r}")
        assert re.search(plant.found_as, repr(found.error)), found
        again = first_violation(stage, range(found.seed, found.seed + 1))
    assert again is not None
    assert (again.step, repr(again.error)) == (found.step, repr(found.error))


def test_no_other_condition_uses_the_databases_own_clock(root: Path) -> None:
    counts: Counter[str] = Counter()
    for path in (root / "services").rglob("*.py"):
        counts[path.relative_to(root / "services").parts[0]] += path.read_text().count('"$$NOW"')
    assert +counts == BY_THE_DATABASE


def first_violation(stage: Stage, seeds: range) -> Violation | None:
    for seed in seeds:
        try:
            Simulation(stage, seed).run()
        except Violation as violation:
            return violation
    return None
