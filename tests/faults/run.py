"""Makes every fault under load and reports the results: `python -m tests.faults.run [--times N] [--seed N]`.

Each pass starts the system anew and makes every fault once, in an order and at moments drawn from the seed. Then it
checks whether anything acknowledged was lost, doubled or leaked. The exit status is 1 if something was, or if a goal
was missed.
"""

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from kafka.errors import KafkaError
from pymongo.errors import PyMongoError

from chassis.broker import CLIENTS, KAFKA_PYTHON
from deploy.local.process import StartError
from tests.faults.collect import collect
from tests.faults.faults import FAULTS, LATE_GOALS, LONG, CannotBeMade, Fault
from tests.faults.load import Load
from tests.faults.recovery import Watch
from tests.faults.table import Measured, as_json, attribute, attribute_lateness, from_json, markdown, missed
from tests.faults.world import World, world
from tests.kit.oracle.checker import check, lateness
from tests.kit.oracle.evidence import Evidence, Finding

WINDOW = timedelta(seconds=10)
RATE = 0.1
"""Projects per second: what two cores can run beside the engines and the faults."""
LOOKS, LOOK_EVERY_S = 24, 5.0


def say(line: str) -> None:
    """Prints a line with the time, so that it can be found in the logs."""
    print(f"{time.strftime('%H:%M:%S')} {line}", flush=True)


def make(fault: Fault, world: World, seed: int) -> Measured:
    """Makes one fault, holds and repairs it, and waits until the system has recovered."""
    time.sleep(world.chance.uniform(0.3, 1.5))
    began = time.time()
    measured = Measured(fault.name, fault.goal_s, seed, began, began)
    try:
        with fault.make(world):
            time.sleep(fault.hold_s)
            measured.ended = time.time()
        watch = Watch(world.system, world.probe, measured.ended)
        measured.recovery = watch.seconds()
        said = f"recovered after {measured.recovery:.1f} s (last came {watch.waited_for})"
    except CannotBeMade as error:
        measured.skipped, measured.trouble = True, str(error)
        said = f"skipped: {error}"
    except (TimeoutError, StartError, PyMongoError, KafkaError) as error:
        measured.trouble = said = str(error)
        measured.fatal = not isinstance(error, TimeoutError)
    measured.gap = world.probe.gap(began, time.time())
    say(f"{fault.name}: {said}, longest without a write {measured.gap:.1f} s")
    return measured


def inspect(world: World, ledger: Path) -> tuple[Evidence, list[Finding]]:
    """The evidence and its findings, once requests under way have had time to end."""
    for again in reversed(range(LOOKS)):
        evidence = collect(world.system, ledger)
        findings = check(evidence)
        if not findings or not again:
            break
        time.sleep(LOOK_EVERY_S)
    return evidence, findings


def one_pass(
    faults: Sequence[Fault], folder: Path, seed: int, rate: float, client: str
) -> tuple[list[Measured], list[Finding]]:
    """Makes every fault once under one load; returns the measurements, and the findings without a time.

    Ends early and checks nothing if a process could not be restarted.
    """
    chance = random.Random(seed)
    order = chance.sample(faults, len(faults))
    ledger = folder / "ledger.jsonl"
    measured: list[Measured] = []
    with world(folder / "data", seed, say, client) as there:
        say(f"seed {seed}: the system runs, with {client}")
        mails = there.system.mails
        with Load(there.system.url, ledger, rate=rate, seed=seed, window=WINDOW, mails=mails) as load:
            for fault in order:
                measured.append(make(fault, there, seed))
                if measured[-1].fatal:
                    return measured, []
            say(f"seed {seed}: {load.begun} projects begun; the load ends")
        evidence, findings = inspect(there, ledger)
    ends = {event.subject: event.at for event in evidence.events if event.name == "window.closed"}
    attribute_lateness(measured, [(ends[project] - late, late) for project, late in lateness(evidence).items()])
    rest = attribute(measured, findings)
    for one in measured:
        one.checked = True
    say(f"seed {seed}: {len(evidence.acknowledgements)} answers acknowledged, {len(evidence.messages)} messages, "
        f"{len(findings)} findings")  # fmt: skip
    for finding in findings:
        say(f"  {finding}")
    return measured, rest


def main(arguments: Sequence[str] | None = None) -> int:
    """The command's status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=1, help="how often each fault is made")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--kinds", default="", help="only faults whose name has one of these words (comma-separated)")
    parser.add_argument("--rate", type=float, default=RATE, help="projects a second")
    parser.add_argument("--client", choices=CLIENTS, default=KAFKA_PYTHON, help="the library of the Kafka clients")
    parser.add_argument("--untimed", action="store_true", help="a missed goal is reported but is not a failure")
    parser.add_argument("--report", type=Path, help="a Markdown file; a JSON file is written beside it")
    parser.add_argument("--more", action="store_true", help="adds to the results already in the report's JSON file")
    parser.add_argument("--data", type=Path, help="a folder to keep logs, ledger and data in")
    given = parser.parse_args(arguments)
    if given.more and not given.report:
        parser.error("--more adds to a report: name it with --report")
    words = [word for word in given.kinds.split(",") if word]
    among = (*FAULTS, *LONG) if words else FAULTS
    faults = [fault for fault in among if not words or any(word in fault.name for word in words)]
    say(f"{len(faults)} faults, {given.times} times each, seed {given.seed} (--seed {given.seed} makes them again)")
    measured: list[Measured] = []
    rest: list[Finding] = []
    if given.more:
        measured, rest = from_json(given.report.with_suffix(".json").read_text())
    for number in range(given.times):
        folder = (given.data or Path(tempfile.gettempdir())).absolute() / f"releve-faults-{given.seed + number}"
        shutil.rmtree(folder, ignore_errors=True)
        found = one_pass(faults, folder, given.seed + number, given.rate, given.client)
        measured, rest = measured + found[0], rest + found[1]
        wrong = rest or any(one.found for one in found[0]) or missed(found[0], LATE_GOALS)
        if wrong:
            say(f"logs, ledger and data are kept in {folder}")
        elif not given.data:
            shutil.rmtree(folder, ignore_errors=True)
        report(given.report, measured, rest, given.seed)
    late = [] if given.untimed else missed(measured, LATE_GOALS)  # on a shared machine times mean little
    never = [one for one in measured if one.recovery is None and not one.skipped]
    return 1 if rest or late or never or any(one.found for one in measured) else 0


def report(path: Path | None, measured: Sequence[Measured], rest: Sequence[Finding], seed: int) -> None:
    """Prints and writes the table after every pass, so that a long run shows early results."""
    order = [fault.name for fault in (*FAULTS, *LONG)]
    measured = sorted(measured, key=lambda one: order.index(one.fault))
    lines = missed(measured, LATE_GOALS)
    print("\n" + markdown(measured))
    for line in [*lines, *map(str, rest)]:
        print(f"  {line}")
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(markdown(measured) + "".join(f"\n- {line}" for line in [*lines, *map(str, rest)]))
        summary = {"seed": seed, "missed": lines, "without_time": [vars(finding) for finding in rest]}
        path.with_suffix(".json").write_text(as_json(measured, summary))


if __name__ == "__main__":
    sys.exit(main())
