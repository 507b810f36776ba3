"""The watchdog: replaces a Kafka client that hangs without a word, and ends the process where that does not help.

A client's session runs in a thread of its own and leaves signs of life in a `Pulse`. The watchdog reads them. A thread
that is stuck inside the library cannot be ended; it is left behind, and what it would still do is harmless: effects are
in the inbox, and the broker refuses the offsets of an earlier generation.
"""

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from kafka.errors import KafkaError
from pymongo.errors import PyMongoError

from chassis import telemetry
from chassis.broker import Broker

LOOK_S = 0.5
OUTAGE_WAIT_S = 1.0
END_S = 5.0
"""How long a session that is replaced may take to end, before it is left behind."""
IN_A_ROW = 3
"""How many replacements without progress end the process, so that its supervisor starts it anew."""
REASONS = SILENT, UNASSIGNED, STUCK = "silent", "unassigned", "stuck"
PROBE_S = 5.0
"""How long the brokers may take to answer a client of the watchdog's own."""


@dataclass(frozen=True)
class Limits:
    """How long each state may last, in seconds."""

    silent: float = 30.0
    """Without a sign of life from inside the library: a poll that does not return, a send without an end."""
    busy: float = 150.0
    """Without a sign of life while events are handled; more than one poll's time (`chassis.consumer.TAKE_S`)."""
    unassigned: float = 20.0
    """Without an assignment after the brokers have answered."""
    rebalancing: float = 90.0
    """The same while the group waits for another member, which may take one poll's time to come."""
    stuck: float = 30.0
    """With something to do, idle, and nothing done: a position that does not move, rows that are not published."""


@dataclass
class Pulse:
    """Signs of life of one session. Its thread writes them, the watchdog reads them; times are monotonic seconds."""

    at: float = field(default_factory=time.monotonic)
    busy: bool = False
    """Whether work is in hand outside the library."""
    ready: bool = False
    """Whether this session could do what it is there for: a member of its group, a relay that leads or follows."""
    unassigned_since: float | None = None
    rebalancing: bool = False
    stuck_since: float | None = None
    progress: bool = False
    """Whether this session has done what it is there for."""
    over: threading.Event = field(default_factory=threading.Event)
    """Set when the session is to end."""

    def beat(self, *, busy: bool = False) -> None:
        """Still alive."""
        self.at, self.busy = time.monotonic(), busy

    def stalled(self, now: float, limits: Limits) -> str | None:
        """Why this session should be replaced, as a label of few values; None while all is well."""
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
    """Which partitions lie behind and do not move, from what is seen of them now and then."""

    def __init__(self) -> None:
        self._since: dict[Any, tuple[int, float]] = {}

    def see(self, now: float, positions: Mapping[Any, int], ends: Mapping[Any, int], *, idle: bool) -> float | None:
        """Since when the longest of them has not moved; None where all move or are at their ends.

        ``idle`` says that the last poll brought nothing: while polls bring events of other partitions, one that waits
        for its turn is not stuck.
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
    """A client was replaced several times in a row, and none of them made progress."""


class Watchdog:
    """Runs one session after another of a Kafka client, each in its own thread, until ``stop`` is set."""

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
        """Whether a session has done something since the last error, or since the start."""
        self._pulse = Pulse()
        for reason in REASONS:  # a counter that begins at nothing hides its first count from Prometheus
            telemetry.CONSUMER_RESTARTS.labels(part, reason)

    def healthy(self) -> bool:
        """Whether the session of now is ready, and nothing stands still.

        At first and after an error it has to do something: one that fails at each event is ready for moments.
        """
        pulse = self._pulse
        if not (self._proven or pulse.progress):
            return False
        return pulse.ready and pulse.stuck_since is None and pulse.stalled(time.monotonic(), self._limits) is None

    def run(self, session: Callable[[Pulse], None]) -> None:
        """Returns when ``stop`` is set. An outage is waited for; `Stuck` where replacing the client does not help.

        What else a session raises comes through.
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
                reason = pulse.stalled(time.monotonic(), self._limits)  # it fails at once, again and again
            if reason and not self._stop.is_set():
                self._replace(pulse, thread, reason)
        # the session ends by `stop` as well, once what is in hand is done

    def _watch(self, pulse: Pulse, thread: threading.Thread) -> str | None:
        """Waits for the session's end; why it should be replaced, or None where it ended by itself."""
        while thread.is_alive():
            thread.join(LOOK_S)
            if pulse.progress:
                self._in_a_row, self._proven = 0, True
            if not self._stop.is_set() and (reason := pulse.stalled(time.monotonic(), self._limits)):
                return reason
        return None

    def _after(self, error: BaseException) -> None:
        if not isinstance(error, (KafkaError, PyMongoError, OSError)):
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
        """Whether the brokers answer a new client: else it is an outage, which no new process helps against."""
        said: list[Any] = []

        def ask() -> None:
            with suppress(KafkaError, OSError):
                admin = self._broker.admin()
                said.append(admin.describe_cluster())
                admin.close()

        probe = threading.Thread(target=ask, name=f"{self._part}-probe", daemon=True)
        probe.start()
        probe.join(PROBE_S)
        return bool(said)


def _run(session: Callable[[Pulse], None], pulse: Pulse, failed: list[BaseException]) -> None:
    try:
        session(pulse)
    except Exception as error:
        failed.append(error)
