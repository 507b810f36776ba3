"""Histories of people who leave, under every disorder that Kafka, processes and time allow."""

import os
import re
from collections import Counter
from collections.abc import Iterator

import pytest

from deploy.local.engines import Mongo
from deploy.local.ports import free_port
from tests.conftest import HISTORIES
from tests.simulation.departure_history import DepartureHistory
from tests.simulation.departure_plants import EARLY_PLANTS, PLANTS
from tests.simulation.departures import DepartureStage
from tests.simulation.driver import Violation
from tests.simulation.plants import Plant

SEED = os.environ.get("RELEVE_TEST_SEED")
SHARE = 8
"""One of these histories for every eight of projects."""
BOUND = 30
"""Number of histories within which each planted bug must be found."""
ENOUGH = 6
"""Number of histories among which each kind of ending occurs."""
SEEDS = range(int(SEED), int(SEED) + 1) if SEED else range(max(ENOUGH, HISTORIES // SHARE))


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DepartureStage]:
    """A mongod for these histories only."""
    folder = tmp_path_factory.mktemp("departures") / "data"
    with Mongo(folder, free_port()) as mongo, DepartureStage.on(mongo.uri) as stage:
        yield stage


@pytest.fixture(scope="module")
def traces() -> dict[int, list[str]]:
    """The steps of the histories that have run, by seed."""
    return {}


def test_no_award_binds_an_erased_account_and_every_departure_ends(
    stage: DepartureStage, traces: dict[int, list[str]]
) -> None:
    ends: Counter[str] = Counter()
    for seed in SEEDS:
        history = DepartureHistory(stage, seed)
        history.run()
        ends += history.ends
        traces[seed] = history.trace
    print(dict(ends))
    if SEED is None:
        assert ends.keys() == {"departure.granted", "departure.refused", "stopped", "reopened"}


@pytest.mark.skipif(SEED is not None, reason="only one history is replayed")
def test_people_may_leave_while_quotes_are_collected(stage: DepartureStage) -> None:
    withdrawn = 0
    for seed in SEEDS:
        DepartureHistory(stage, seed, early=True).run()
        withdrawn += stage.world.quotes.database.outbox.count_documents({"name": "quote.withdrawn"})
    assert withdrawn, "nobody left with a quote in an open window"


def test_same_seed_gives_the_same_history_of_departures(stage: DepartureStage, traces: dict[int, list[str]]) -> None:
    seed = next(iter(traces), SEEDS[0])
    runs = [traces[seed]] if traces else []
    while len(runs) < 2:
        history = DepartureHistory(stage, seed)
        history.run()
        runs.append(history.trace)
    assert runs[0] == runs[1]


@pytest.mark.skipif(SEED is not None, reason="only one history is replayed")
@pytest.mark.parametrize("plant", [*PLANTS, *EARLY_PLANTS], ids=lambda plant: plant.name)
def test_planted_bug_in_departures_is_found(stage: DepartureStage, plant: Plant) -> None:
    with plant.planted():
        found = first_violation(stage, plant.near, early=plant in EARLY_PLANTS)
    assert found is not None, f"not found in {BOUND} histories: {plant.name}"
    print(f"{plant.name}: seed {found.seed}, step {found.step}: {found.error!r}")
    assert re.search(plant.found_as, repr(found.error)), found


def first_violation(stage: DepartureStage, near: int, *, early: bool) -> Violation | None:
    for seed in range(near, near + BOUND):
        try:
            DepartureHistory(stage, seed, early=early).run()
        except Violation as violation:
            return violation
    return None
