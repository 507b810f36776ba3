"""A whole run: signs people up, plays and evaluates the levels one by one, writes the report."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import machine
from chassis.mongo import connect
from tests.kit.oracle import five
from tests.kit.waiting import NotInTime, until
from tests.load import report, soak
from tests.load.measures import AGAIN, YARDSTICK, Told, course, figures, percentile
from tests.load.objectives import breaks
from tests.load.plan import LADDER, Level, ladder, level
from tests.load.players import Players
from tests.load.spending import spending, tables
from tests.load.target import Target
from tests.load.watch import Watch

PATIENCE_S, PATIENT_S = 30.0, 60.0
"""Seconds for which people wait for pending results; a smoke run must pass on a busy machine too."""
GONE_WITHIN_S = 60.0
GONE = 5
"""Up to this number of events or rows counts as in flight, not as a backlog."""
BUSY_GENERATOR_MS = 100.0
HOW = (
    "Projects arrive at moments fixed in advance, whatever the answers take; every time counts from the moment at "
    "which a request was due. A project's 48 hours are told in seconds: what is shortened is idle time."
)
LEAST_CIRCLES = 6
"""Minimum number of groups of mentors, so that concurrent projects do not all invite the same people."""
SMOKE_S, SMOKE_A_DAY = 3.0, 172_800


@dataclass(frozen=True)
class Options:
    """The options of a run."""

    out: Path
    objectives: Mapping[str, Any]
    seconds: float = 60
    levels: Sequence[int] = LADDER
    steps: Sequence[int] = ()
    soak_minutes: float | None = None
    a_day: int = 100_000
    smoke: bool = False
    seed: int = 1
    mentors_a_wave: int = 20
    bystanders: int = 200
    clients: int = 30

    def plan(self) -> list[Level]:
        """The levels in order; those not required only search for the limit."""
        if self.smoke:
            return [level(SMOKE_A_DAY, SMOKE_S, self.seed, required=True)]
        if self.soak_minutes:
            return [level(self.a_day, 60 * self.soak_minutes, self.seed, required=True)]
        return ladder(self.seconds, self.levels, self.steps, self.seed)


def run(target: Target, options: Options, say: Callable[[str], None]) -> int:
    """Plays every level and writes the report; returns 1 if a required objective was missed, else 0.

    Raises ValueError if there is no level, and `GeneratorFailed` if the generator cannot continue.
    """
    levels = options.plan()
    if not levels:
        raise ValueError("Give at least one level.")
    told = {
        "url": target.url, "ca": target.ca, "seed": options.seed, "mentors_a_wave": options.mentors_a_wave,
        "bystanders": 0 if options.smoke else options.bystanders, "clients": 3 if options.smoke else options.clients,
        "patience": PATIENT_S if options.smoke else PATIENCE_S, "forgiving": options.smoke,
        "circles": 2 if options.smoke else LEAST_CIRCLES,
        "warm_up": not options.smoke, "rest": not target.own, "projects": len(levels[0].starts),
    }  # fmt: skip
    where = machine.described(os.getloadavg())
    played: list[dict[str, Any]] = []
    arrivals: list[float] = []
    with Players(told, say) as players, Watch(target, lambda: players.pid) as watch:
        for line in watch.blind:
            say(f"  {line}")
        say(f"… people sign up at {target.described}")
        people = players.prepare()
        mentors = people["circles"] * options.mentors_a_wave + people["bystanders"]
        say(f"  {people['clients']} clients, {mentors} mentors")
        for one in levels:
            if not one.required and any(level["breaks"] for level in played):
                break  # the limit is found
            played.append(_play(one, target, options, players, watch, arrivals, say))
    result = _result(target, options, played, watch, where, people)
    if options.soak_minutes:
        result["soak"] = soak.verdict(watch.held, watch.lags, arrivals, options.soak_minutes)
        result["broke"] += result["soak"]["leaks"]
    page = report.write(options.out, result)
    _tell(result, page, say)
    return 1 if result["broke"] else 0


def _play(
    one: Level, target: Target, options: Options, players: Players, watch: Watch, arrivals: list[float],
    say: Callable[[str], None],
) -> dict[str, Any]:  # fmt: skip
    say(f"… {one.name}: {len(one.starts)} projects in {one.seconds:.0f} s")
    before: list[tuple[float, dict[str, Any] | None]] = []

    def begins() -> None:
        before.append((watch.since, watch.now))
        arrivals.extend(watch.since + start for start in one.starts)

    told, seconds = players.play(one, begins)
    since, first = before[0]
    found = figures(told, seconds) | {"name": one.name, "a_day": one.a_day, "required": one.required}
    found |= {"idle_cut": one.idle_cut, "all": _all(told), "course": course(told, seconds), "since": since}
    found["inside"] = _inside(watch, since, first, len(one.starts))
    found["stored_violations"] = _stored(target)
    found["breaks"] = breaks(found, options.objectives)
    for line in found["breaks"]:
        say(f"  {'✗' if one.required else '·'} {line}")
    late = found["generator_late_p99_ms"]
    if late is not None and late > BUSY_GENERATOR_MS:
        say(f"  the generator itself woke {late:.0f} ms late at p99: the machine is busy, the figures are upper bounds")
    say(
        f"  {found['requests_a_second']} requests/s, p50 {found['all']['p50_ms']} ms, p99 {found['all']['p99_ms']} ms, "
        f"{found['errors']} errors, load average {os.getloadavg()[0]:.1f}"
    )
    return found


def _all(told: Told) -> dict[str, float | None]:
    took = [shot[2] for shot in told.shots if shot[0] != YARDSTICK and not shot[0].endswith(AGAIN)]
    return {
        name: round(1000 * percentile(took, share), 1) if took else None
        for name, share in (("p50_ms", 0.5), ("p99_ms", 0.99))
    }


def _inside(watch: Watch, since: float, first: Mapping[str, Any] | None, projects: int) -> dict[str, Any]:
    """Lag, outbox and dead letters of a level; waits until the backlog is drained."""
    ended, found = watch.since, dict[str, Any]()
    looks = [look for look in watch.lags if look["since"] >= since]
    if any("lag" in look for look in looks):
        found["lag_most"] = max(sum(look["lag"].values()) for look in looks if "lag" in look)
        found["lag_gone_s"] = _gone(watch, ended, lambda look: sum(look["lag"].values()) if "lag" in look else None)
        now, then = watch.now or {}, first or {}
        found["dead_letters"] = now.get("dead_letters", 0) - then.get("dead_letters", 0)
    if any("outbox" in look for look in looks):
        found["outbox_most"] = max(look["outbox"] for look in looks if "outbox" in look)
        found["outbox_gone_s"] = _gone(watch, ended, lambda look: look.get("outbox"))
    spent = spending(watch.held, since, ended, projects)
    if spent is not None:
        found |= {"busy_cores": spent["busy_cores"], "generator_cores": spent["generator_cores"], "spent": spent}
    return found


def _gone(watch: Watch, ended: float, left: Callable[[Mapping[str, Any]], int | None]) -> float | None:
    """Seconds after ``ended`` until the backlog was drained; None if it was not within a minute."""

    def gone() -> Mapping[str, Any] | None:
        later = (look for look in watch.lags if look["since"] >= ended)
        return next((look for look in later if (rest := left(look)) is not None and rest <= GONE), None)

    try:
        found = until(gone, GONE_WITHIN_S, every_s=0.2)
    except NotInTime:
        return None
    return round(max(0.0, found["since"] - ended), 1) if found else None


def _show(head: Sequence[str], rows: Sequence[Sequence[str]], say: Callable[[str], None]) -> None:
    widths = [max(len(row[n]) for row in (head, *rows)) for n in range(len(head))]
    for row in (head, *rows):
        say("  " + "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)))


def _stored(target: Target) -> list[str]:
    if not target.mongo_uri:
        return []
    database = connect(target.mongo_uri, f"{target.prefix}quotes", app="load")
    try:
        return five.stored(database)
    finally:
        database.client.close()


def _result(
    target: Target, options: Options, played: list[dict[str, Any]], watch: Watch, where: str, people: dict[str, Any]
) -> dict[str, Any]:
    broke = [f"{one['name']}: {line}" for one in played if one["required"] for line in one["breaks"]]
    broke += [
        f"{one['name']}: {line}" for one in played if not one["required"] for line in one["breaks"]
        if line.startswith("the five-quote rule")
    ]  # fmt: skip
    last = next((one for one in played if one["breaks"]), played[-1])
    if last["breaks"]:
        rate = last["requests_a_second"]
        end = f"The first objective broke at {last['name']} ({rate} requests/s): {last['breaks'][0]}."
    elif any(not one["required"] for one in played):
        end = f"No step broke an objective; the last was {last['name']}."
    else:
        end = ""
    return {
        "where": where, "target": target.described, "how": HOW, "people": people,
        "objectives": dict(options.objectives), "seed": options.seed, "levels": played, "broke": broke, "end": end,
        "blind": watch.blind,
        "inside": {"lags": watch.lags, "held": watch.held},
    }  # fmt: skip


def _tell(result: Mapping[str, Any], page: Path, say: Callable[[str], None]) -> None:
    _show(*report.levels_table(result["levels"]), say)
    if spent := result["levels"][-1]["inside"].get("spent"):
        for head, rows in tables(spent):
            _show(head, rows, say)
    if result["end"]:
        say(result["end"])
    if (held := result.get("soak")) and not held["judged"]:
        say(f"{held['minutes']:g} minutes are too short for a verdict on leaks: the slopes are in the report")
    elif held and not held["leaks"]:
        say(f"No leak was seen: {', '.join(held['seen']) or 'nothing could be watched'}")
    for line in result["broke"]:
        say(f"✗ {line}")
    say(f"{'✗ objectives broke' if result['broke'] else '✓ every objective held'}; the report: {page}")
