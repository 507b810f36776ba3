"""When a Kafka client counts as stalled, and how the watchdog reacts."""

import threading
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from chassis.broker.clients import BrokerError
from chassis.broker.with_kafka_python import is_rebalancing
from chassis.watchdog import IN_A_ROW, Limits, Progress, Pulse, Stuck, Watchdog
from tests.kit.waiting import until

LIMITS = Limits(silent=30, busy=150, unassigned=20, rebalancing=90, stuck=30)


@pytest.mark.parametrize(
    ("pulse", "now", "reason"),
    [
        (Pulse(at=0), 30, None),
        (Pulse(at=0), 31, "silent"),
        (Pulse(at=0, busy=True), 31, None),
        (Pulse(at=0, busy=True), 151, "silent"),
        (Pulse(at=100, unassigned_since=90), 110, None),
        (Pulse(at=100, unassigned_since=90), 111, "unassigned"),
        (Pulse(at=100, unassigned_since=90, rebalancing=True), 111, None),
        (Pulse(at=180, unassigned_since=90, rebalancing=True), 181, "unassigned"),
        (Pulse(at=100, stuck_since=80), 110, None),
        (Pulse(at=100, stuck_since=80), 111, "stuck"),
        (Pulse(at=100, stuck_since=80, busy=True), 111, None),
    ],
)
def test_session_is_stalled_beyond_its_limit(pulse: Pulse, now: float, reason: str | None) -> None:
    assert pulse.stalled(now, LIMITS) == reason


def test_stuck_position_behind_the_end_is_detected() -> None:
    progress = Progress()
    assert progress.see(0, {"a": 5, "b": 9}, {"a": 7, "b": 9}, idle=True) == 0
    assert progress.see(10, {"a": 5, "b": 9}, {"a": 8, "b": 9}, idle=True) == 0
    assert progress.see(20, {"a": 6, "b": 9}, {"a": 8, "b": 9}, idle=True) == 20
    assert progress.see(30, {"a": 8, "b": 9}, {"a": 8, "b": 9}, idle=True) is None


def test_waiting_or_removed_partition_is_not_stuck() -> None:
    progress = Progress()
    assert progress.see(0, {"a": 5}, {"a": 7}, idle=True) == 0
    assert progress.see(10, {"a": 5}, {"a": 7}, idle=False) is None
    assert progress.see(20, {"a": 5}, {"a": 7}, idle=True) == 20
    assert progress.see(30, {}, {}, idle=True) is None


class Answering(Watchdog):
    """A watchdog whose view of the brokers is set by the test."""

    answers = True

    def _brokers_answer(self) -> bool:
        return self.answers


def hangs(limits: Limits) -> tuple[Answering, threading.Event, list[Pulse], Callable[[Pulse], None]]:
    stop, seen = threading.Event(), list[Pulse]()

    def session(pulse: Pulse) -> None:
        seen.append(pulse)
        pulse.ready = True
        pulse.over.wait(30)

    return Answering("test", None, stop, limits), stop, seen, session  # type: ignore[arg-type]


def test_three_hanging_sessions_in_a_row_end_the_process() -> None:
    watchdog, _, seen, session = hangs(Limits(silent=0.01))
    with pytest.raises(Stuck, match="silent"):
        watchdog.run(session)
    assert len(seen) == IN_A_ROW
    assert all(pulse.over.is_set() for pulse in seen)


def test_progress_resets_the_count_and_outages_are_excluded() -> None:
    watchdog, stop, seen, session = hangs(Limits(silent=0.01))

    def works_sometimes(pulse: Pulse) -> None:
        pulse.progress = len(seen) % 2 == 0
        watchdog.answers = len(seen) % 3 > 0
        if len(seen) == 3 * IN_A_ROW:
            stop.set()
        session(pulse) if not stop.is_set() else None

    watchdog.run(works_sometimes)
    assert len(seen) == 3 * IN_A_ROW


def test_watchdog_waits_for_a_lost_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.watchdog.OUTAGE_WAIT_S", 0.01)
    watchdog, stop, seen, _ = hangs(Limits())

    def fails(pulse: Pulse) -> None:
        seen.append(pulse)
        if len(seen) == 2 * IN_A_ROW:
            stop.set()
        raise BrokerError("away")

    watchdog.run(fails)
    assert len(seen) == 2 * IN_A_ROW


def test_other_errors_of_a_session_propagate() -> None:
    watchdog, _, _, _ = hangs(Limits())

    def fails(_pulse: Pulse) -> None:
        raise ValueError("a fault of ours")

    with pytest.raises(ValueError, match="a fault of ours"):
        watchdog.run(fails)


def test_repeatedly_failing_session_with_pending_work_is_stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    """For example a relay whose sends the broker refuses: each session fails immediately without progress."""
    monkeypatch.setattr("chassis.watchdog.OUTAGE_WAIT_S", 0.01)
    watchdog, _, seen, _ = hangs(Limits(stuck=0.02))

    def refused(pulse: Pulse) -> None:
        seen.append(pulse)
        pulse.stuck_since = seen[0].at
        raise BrokerError("refused")

    with pytest.raises(Stuck, match="stuck"):
        watchdog.run(refused)


def test_health_requires_readiness_and_progress() -> None:
    watchdog, stop, seen, session = hangs(Limits())
    assert not watchdog.healthy()
    thread = threading.Thread(target=watchdog.run, args=(session,))
    thread.start()
    until(lambda: seen and seen[0].ready)
    assert not watchdog.healthy(), "it has made no progress yet"
    seen[0].progress = True
    assert watchdog.healthy()
    seen[0].stuck_since = seen[0].at
    assert not watchdog.healthy()
    stop.set()
    seen[0].over.set()
    thread.join(10)


@pytest.mark.parametrize(
    ("state", "connected", "waits"),
    [("REBALANCING", True, True), ("REBALANCING", False, False), ("STABLE", True, False)],
)
def test_join_without_a_connection_is_not_a_rebalance_wait(state: str, connected: bool, waits: bool) -> None:
    client = SimpleNamespace(connected=lambda _node: connected)
    coordinator = SimpleNamespace(state=SimpleNamespace(name=state), coordinator_id="coordinator-1", _client=client)
    assert is_rebalancing(SimpleNamespace(_coordinator=coordinator)) is waits
