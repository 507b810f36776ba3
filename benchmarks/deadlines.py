"""Deadlines at scale: a million windows wait, ten thousand end in the same second, and one of two workers is killed.

`make bench-deadlines`, with ARGS="--pending N --due N --rate N" for other numbers. It prints lateness twice: until the
decision (the event's time), and until Kafka has the event, which includes the relay.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from benchmarks.report import say
from benchmarks.windows import Windows, windows
from chassis.mongo import Document

SETTLE_S = 10
PATIENCE_S = 300
STEADY_S = 20


def main(arguments: Sequence[str]) -> int:
    """Prints the figures. Returns 1 if a window ended early, or did not end exactly once."""
    parser = argparse.ArgumentParser("benchmarks.deadlines", description=__doc__)
    parser.add_argument("--pending", type=int, default=1_000_000)
    parser.add_argument("--due", type=int, default=10_000)
    parser.add_argument("--rate", type=int, default=50)
    asked = parser.parse_args(arguments)
    with windows("deadlines") as there:
        return _measure(there, asked.pending, asked.due, asked.rate)


def _measure(windows: Windows, pending: int, due: int, rate: int) -> int:
    say(f"{pending} windows that wait")
    began, start = time.monotonic(), windows.now + timedelta(hours=1)
    windows.fill(start + timedelta(seconds=2_500_000 * n / pending) for n in range(pending))
    say(f"  in {time.monotonic() - began:.0f} s; two workers")
    workers = windows.work(2)
    time.sleep(SETTLE_S)
    steady = ended(windows, [windows.now + timedelta(seconds=15 + n / rate) for n in range(rate * STEADY_S)])
    print(f"{rate} ends a second for {STEADY_S} s: {lateness(steady)}")
    moment = windows.now + timedelta(seconds=20)
    say(f"{due} windows that end at the same moment, one worker killed in the middle")
    ids = windows.fill(iter([moment] * due))
    _until(lambda: windows.due(moment) <= due - due // 10)
    workers[0].kill()
    burst = _all(windows, ids)
    print(f"{due} ends at once, one of two workers killed: {lateness(burst)}")
    once = len({row["subject"] for row in burst}) == len(burst) == due and len(steady) == rate * STEADY_S
    early = [row for row in steady + burst if row["late"] < 0]
    print(f"each ended once: {'yes' if once else 'NO'}; early: {len(early)}")
    return 0 if once and not early else 1


def ended(windows: Windows, ends: list[datetime]) -> list[Document]:
    """Stores windows that end at these times and waits until all have ended. Returns the rows of their events."""
    return _all(windows, windows.fill(iter(ends)))


def lateness(rows: Sequence[Document]) -> str:
    """Describes the lateness: seconds from the deadline to the decision and to Kafka."""

    def points(values: list[float]) -> str:
        cuts = statistics.quantiles(values, n=100, method="inclusive")
        return f"median {cuts[49]:.3f} s, p99 {cuts[98]:.3f} s, most {max(values):.3f} s"

    published = [row["late"] + (row["published_at"] - row["time"]).total_seconds() for row in rows]
    return f"decided {points([row['late'] for row in rows])}; in Kafka {points(published)}"


def _all(windows: Windows, ids: list[str]) -> list[Document]:
    last = max(row["closes_at"] for row in windows.database.rounds.find({"_id": {"$in": ids}}, {"closes_at": 1}))
    _until(lambda: windows.due(last) == 0 and windows.waiting() == 0)
    rows = windows.closed(ids)
    closes = {row["_id"]: row["closes_at"] for row in windows.database.rounds.find({"_id": {"$in": ids}})}
    return [{**row, "late": (row["time"] - closes[row["subject"]]).total_seconds()} for row in rows]


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"some windows have not ended, or their events are not published, after {PATIENCE_S} s")
        time.sleep(0.5)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
