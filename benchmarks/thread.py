"""Measures the latency from a client's POST of a project to its effect in quotes, start times and memory.

python -m benchmarks.thread [--write docs/measurements/posting.md]

It starts a system of its own in a temporary folder, twice. It posts projects in an open loop and, in alternate turns,
does the bare round trip (benchmarks.bare) at the same rate on the same engines, so that both run under the same
conditions.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import machine, report
from benchmarks.bare import Bare, bare
from benchmarks.openloop import Shot, fire
from benchmarks.posting import Posting, Way, ways
from benchmarks.report import say
from benchmarks.usage import busy, held
from deploy.local.process import StartError
from deploy.local.system import System

RATE = 20.0
TURNS = 3
TURN_S = 10
WARM_UP_S = 5
SETTLE_S = 5


def main(arguments: Sequence[str]) -> int:
    """Runs the command and returns its exit status."""
    parser = argparse.ArgumentParser(prog="benchmarks.thread", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--write", type=Path, metavar="DOCUMENT", help="rewrite the section of this document")
    document: Path | None = parser.parse_args(arguments).write
    where = machine.described(os.getloadavg())
    try:
        with tempfile.TemporaryDirectory(prefix="releve-bench-") as folder:
            text = f"{where}\n\n{measure(Path(folder) / 'data')}"
    except (StartError, RuntimeError, TimeoutError) as error:
        say(f"✗ {error}")
        return 1
    print(f"\n{text}")
    if document:
        report.rewrite(document, text)
        say(f"written to {document}")
    return 0


def measure(data: Path) -> str:
    """Runs the measurement and returns all figures as tables."""
    say("first start, on a fresh folder")
    with System(data) as system:
        fresh = dict(system.timings)
    say(f"  {fresh['gateway']:.1f} s; second start")
    with System(data, say=say) as system:
        second = dict(system.timings)
        say(f"  {second['gateway']:.1f} s; {2 * SETTLE_S} s of rest")
        time.sleep(SETTLE_S)
        idle, cores = held(system.processes), busy(system.processes.values())
        time.sleep(SETTLE_S)
        at_rest, _ = cores()
        turns = _by_turns(system)
        loaded = held(system.processes)
        say("stopping")
    stages, bare_s = turns.stages(), turns.yardstick()
    return "\n\n".join(
        [
            report.starts(fresh, second),
            report.memory(idle, loaded),
            f"{turns.described()} At rest they kept {at_rest:.2f} busy.",
            report.times({**stages, "yardstick: insert, produce, receipt": bare_s}),
            report.ratios(stages, bare_s),
        ]
    )


@dataclass
class Turns:
    """The results of all turns: calls, times of each project, time of receipt of each bare message, and busy cores."""

    posts: list[Shot] = field(default_factory=list)
    ways: dict[str, Way] = field(default_factory=dict)
    bares: list[Shot] = field(default_factory=list)
    received: dict[str, float] = field(default_factory=dict)
    cores: list[tuple[float, float]] = field(default_factory=list)

    def stages(self) -> dict[str, list[float]]:
        """Seconds from the time each post was due to each stage."""
        return {
            "the answer 201": [shot.over - shot.due for shot in self.posts],
            "project.posted acknowledged by Kafka": [self.ways[s.result].published - s.due for s in self.posts],
            "project.posted consumed by quotes": [self.ways[s.result].received - s.due for s in self.posts],
            "the round open, committed": [self.ways[s.result].opened - s.due for s in self.posts],
        }

    def yardstick(self) -> list[float]:
        """Seconds from the time each bare round trip was due to its end."""
        return [self.received[shot.result] - shot.due for shot in self.bares]

    def described(self) -> str:
        """Describes the measurement and the load of the machine."""
        own, others = (sum(cores) / len(self.cores) for cores in zip(*self.cores, strict=True))
        return (
            f"{RATE:.0f} a second, {TURNS} times {TURN_S} s of posts and {TURN_S} s of the yardstick by turns. "
            f"Sent more than 10 ms late: {sum(shot.late for shot in self.posts)} of {len(self.posts)} posts, "
            f"{sum(shot.late for shot in self.bares)} of {len(self.bares)} bare round trips. "
            f"While posting, Relève and its engines kept {own:.1f} cores busy, all else on the machine {others:.1f}."
        )


def _by_turns(system: System) -> Turns:
    posting, turns = Posting(system), Turns()
    with bare(system.mongo_uri, system.kafka) as yardstick:
        say(f"warming up, {WARM_UP_S} s of each")
        _post(system, posting, WARM_UP_S, Turns())
        _do_bare(yardstick, WARM_UP_S, Turns())
        for turn in range(TURNS):
            say(f"turn {turn + 1} of {TURNS}: posts")
            _post(system, posting, TURN_S, turns)
            say(f"turn {turn + 1} of {TURNS}: yardstick")
            _do_bare(yardstick, TURN_S, turns)
    return turns


def _post(system: System, posting: Posting, seconds: int, turns: Turns) -> None:
    cores = busy(system.processes.values())
    shots = fire(posting.post, RATE, int(RATE * seconds))
    turns.cores.append(cores())
    turns.posts += shots
    turns.ways |= ways(system.logs, {shot.result for shot in shots})  # waits, so that no work is left for the next turn


def _do_bare(yardstick: Bare, seconds: int, turns: Turns) -> None:
    shots = fire(yardstick.send, RATE, int(RATE * seconds))
    turns.bares += shots
    turns.received |= yardstick.received({shot.result for shot in shots})


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
