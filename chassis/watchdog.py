"""The watchdog: replaces a Kafka client that hangs silently, and ends the process if replacing it does not help.

A client's session runs in its own thread and leaves heartbeats in a `Pulse`, which the watchdog reads. A thread that is
stuck inside the library cannot be ended, so it is abandoned. What it may still do is harmless: the inbox drops repeated
effects, and the broker refuses offsets of an earlier generation of the group.
"""

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from pymongo.errors import PyMongoError

from chassis import telemetry
from chassis.broker import Broker
from chassis.broker.clients import BrokerError

LOOK_S = 0.5
OUTAGE_WAIT_S = 1.0
END_S = 5.0
"""Seconds that a replaced session gets to end before its thread is abandoned."""
IN_A_ROW = 3
"""Number of consecutive replacements without progress that ends the process, so that its supervisor restarts it."""
REASONS = SILENT, UNASSIGNED, STUCK = "silent", "unassigned", "stuck"
PROBE_S = 5.0
"""Timeout in seconds for the brokers to answer the watchdog's own client."""


@dataclass(frozen=True)
class Limits:
    """Maximum duration of each state in seconds; beyond it the client is replaced."""

    silent: float = 30.0
    """No heartbeat while inside the library: a poll or a send that does not return."""
    busy: float = 150.0
    """No heartbeat while events are handled. It exceeds the time for one poll (`chassis.consumer.POLL_BUDGET_S`)."""
    unassigned: float = 20.0
    """No assignment, although the brokers answer."""
    rebalancing: float = 90.0
    """No assignment while the group waits for another member, which may take the time for one poll to join."""
    stuck: float = 30.0
    """Work is pending and none is done: a position does not move, or no row is published."""


@dataclass
class Pulse:
    """The state of one session. Its thread writes it and the watchdog reads it; times are monotonic seconds."""

    at: float = field(default_factory=time.monotonic)
    """Time of the last heartbeat."""
    busy: bool = False
    """Whether the session is handling events, outside the library."""
    ready: bool = False
    """Whether the session can work: as a member of its group, or as a relay that leads or follows."""
    unassigned_since: float | None = None
    rebalancing: bool = False
    stuck_since: float | None = None
    progress: bool = False
    """Whether the session has done work since it started."""
    over: threading.Event = field(default_factory=threading.Event)
    """Set to stop the session."""

    def beat(self, *, busy: bool = False) -> None:
        """Records a heartbeat."""
        self.at, self.busy = time.monotonic(), busy

    def stalled(self, now: float, limits: Limits) -> str | None:
        """The reason to replace this session, one of `REASONS`, or None while it is healthy."""
        if now - self.at > (limits.busy if self.busy else limits.silent):
            return SILENT
        if self.busy:
            return None
        unassigned = limits.rebalancing if self.rebalancing else limits.unassigned
        if self.unassigned_since is not None and now - self.unassigned_since > unassigned:
            return UNASSIGNED
        if self.stuck_since is not None and now - self.stuck_since > limits.stuck:
            return STUCK
        return None


class Progress:
    """Finds partitions that are behind and do not move, from repeated observations of their positions."""

    def __init__(self) -> None:
        self._since: dict[Any, tuple[int, float]] = {}

    def see(self, now: float, positions: Mapping[Any, int], ends: Mapping[Any, int], *, idle: bool) -> float | None:
        """Returns since when the longest stuck partition has not moved, or None if none is stuck.

        ``idle`` means that the last poll returned nothing. While polls return events of other partitions, a partition
        that waits to be fetched is not stuck.
        """
        for partition in self._since.keys() - positions.keys():
            del self._since[partition]
        for partition, position in positions.items():
            known = self._since.get(partition)
            if not idle or position >= ends.get(partition, 0):
                self._since.pop(partition, None)
            elif known is None or known[0] != position:
                self._since[partition] = position, now
        return min((since for _, since in self._since.values()), default=None)


class Stuck(Exception):
    """A client was replaced `IN_A_ROW` times in a row without progress."""


class Watchdog:
    """Runs the sessions of a Kafka client one after another, each in its own thread, until ``stop`` is set."""

    def __init__(
        self, part: str, broker: Broker, stop: threading.Event, limits: Limits | None = None, ends_process: bool = True
    ) -> None:
        self._part = part
        self._broker = broker
        self._stop = stop
        self._limits = limits or Limits()
        self._ends_process = ends_process
        self._in_a_row = 0
        self._proven = False
        """Whether a session has made progress since the start or the last error."""
        self._pulse = Pulse()
        for reason in REASONS:  # Prometheus misses the first increment of a counter that was never exposed as zero
            telemetry.CONSUMER_RESTARTS.labels(part, reason)

    def healthy(self) -> bool:
        """Whether the current session is ready and not stuck.

        After the start and after each error it must first make progress: a session that fails at every event is ready
        for moments only.
        """
        pulse = self._pulse
        if not (self._proven or pulse.progress):
            return False
        return pulse.ready and pulse.stuck_since is None and pulse.stalled(time.monotonic(), self._limits) is None

    def run(self, session: Callable[[Pulse], None]) -> None:
        """Runs sessions until ``stop`` is set, and waits during an outage.

        Raises `Stuck` when replacing the client does not help, and any error of a session that is not an outage.
        """
        while not self._stop.is_set():
            self._pulse = pulse = Pulse()
            failed: list[BaseException] = []
            thread = threading.Thread(target=_run, args=(session, pulse, failed), name=self._part, daemon=True)
            thread.start()
            reason = self._watch(pulse, thread)
            if failed and not reason:
                self._proven = False
                self._after(failed[0])
                reason = pulse.stalled(time.monotonic(), self._limits)  # a session may fail repeatedly at its start
            if reason and not self._stop.is_set():
                self._replace(pulse, thread, reason)
        # `stop` also ends the session, once its current work is done

    def _watch(self, pulse: Pulse, thread: threading.Thread) -> str | None:
        """Waits for the session to end. Returns the reason to replace it, or None if it ended by itself."""
        while thread.is_alive():
            thread.join(LOOK_S)
            if pulse.progress:
                self._in_a_row, self._proven = 0, True
            if not self._stop.is_set() and (reason := pulse.stalled(time.monotonic(), self._limits)):
                return reason
        return None

    def _after(self, error: BaseException) -> None:
        if not isinstance(error, (BrokerError, PyMongoError, OSError)):
            raise error
        telemetry.log.warning(f"{self._part}_waits", error=telemetry.error_name(error))
        self._stop.wait(OUTAGE_WAIT_S)

    def _replace(self, pulse: Pulse, thread: threading.Thread, reason: str) -> None:
        pulse.over.set()
        thread.join(END_S)
        answers = self._brokers_answer()
        telemetry.CONSUMER_RESTARTS.labels(self._part, reason).inc()
        telemetry.log.error("client_replaced", part=self._part, reason=reason, brokers_answer=answers,
                            left_behind=thread.is_alive())  # fmt: skip
        self._in_a_row = self._in_a_row + 1 if answers else 0
        if self._in_a_row >= IN_A_ROW and self._ends_process:
            raise Stuck(f"{self._part}: {reason}")

    def _brokers_answer(self) -> bool:
        """Whether the brokers answer a new client. If not, it is an outage, and a new process would not help."""
        answers: list[bool] = []

        def ask() -> None:
            with suppress(BrokerError, OSError):
                answers.append(self._broker.clients().answers())

        probe = threading.Thread(target=ask, name=f"{self._part}-probe", daemon=True)
        probe.start()
        probe.join(PROBE_S)
        return any(answers)


def _run(session: Callable[[Pulse], None], pulse: Pulse, failed: list[BaseException]) -> None:
    try:
        session(pulse)
    except Exception as error:
        failed.append(error)
