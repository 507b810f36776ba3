"""Windows that end at the same moment, with real workers of the quotes service, one of which is killed."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from benchmarks.windows import Windows
from chassis.ids import new_id
from tests.kit.waiting import until

PENDING, DUE = 5_000, 600


@pytest.fixture
def windows(mongo_uri: str, kafka: str, tmp_path: Path) -> Iterator[Windows]:
    windows = Windows(mongo_uri, kafka, tmp_path, f"test_{new_id().replace('-', '_')}_")
    yield windows
    windows.close()


def test_simultaneous_windows_end_once_despite_a_killed_worker(
    windows: Windows,
) -> None:
    now = windows.now
    windows.fill(now + timedelta(days=1, seconds=number) for number in range(PENDING))
    workers = windows.work(2)
    moment = now + timedelta(seconds=10)
    due = windows.fill(iter([moment] * DUE))
    until(lambda: len(windows.closed(due)) > 0, 120)
    workers[0].kill()
    until(lambda: len(windows.closed(due)) >= DUE, 120)
    until(lambda: all("published_at" in row for row in windows.closed(due)), 120)
    closed = windows.closed(due)
    assert len({row["subject"] for row in closed}) == len(closed) == DUE
    assert all(row["time"] >= moment for row in closed)
    assert windows.database.rounds.count_documents({"reason": None}) == PENDING
    assert windows.database.outbox.count_documents({"name": "window.closed"}) == DUE


def test_due_windows_are_found_by_an_index_however_many_wait(windows: Windows) -> None:
    windows.fill(windows.now + timedelta(seconds=number - 10) for number in range(PENDING))
    plan = windows.plan()
    assert "COLLSCAN" not in str(plan["queryPlanner"]["winningPlan"])
    assert plan["executionStats"]["totalDocsExamined"] < 100
