"""Where the processor time of a level went: by process, and within MongoDB by collection. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

GENERATOR = "(generator)"
SHOWN = 12
"""Rows of the tables; the others are few."""


def spending(held: Sequence[Mapping[str, Any]], since: float, until: float, projects: int) -> dict[str, Any] | None:
    """What each process used between the first and the last sample of a level; None without two samples.

    ``processes``: cores, the share of all, and milliseconds a project. ``collections``: the share of the time that
    mongod spent in operations on each, and how many operations a project took.
    """
    looks = [look for look in held if since <= look["since"] <= until and look["processes"]]
    if len(looks) < 2 or not projects:
        return None
    first, last = looks[0], looks[-1]
    seconds = last["since"] - first["since"]
    spent = {
        name: facts["cpu"] - first["processes"][name]["cpu"]
        for name, facts in last["processes"].items()
        if name in first["processes"]
    }
    every = sum(spent.values()) or 1.0
    busiest = sorted(spent.items(), key=lambda pair: -pair[1])
    a_project = seconds / projects
    return {
        "seconds": round(seconds, 1),
        "busy_cores": round((every - spent.get(GENERATOR, 0.0)) / seconds, 2),
        "generator_cores": round(spent.get(GENERATOR, 0.0) / seconds, 2),
        "processes": {
            name: {
                "cores": round(used / seconds, 3),
                "share": round(used / every, 3),
                "ms_a_project": round(1000 * used / seconds * a_project, 1),
            }
            for name, used in busiest
        },
        "collections": _collections(first.get("operations", {}), last.get("operations", {}), seconds, a_project),
    }


def _collections(
    before: Mapping[str, Sequence[int]], after: Mapping[str, Sequence[int]], seconds: float, a_project: float
) -> dict[str, dict[str, float]]:
    """``before`` and ``after``: microseconds and number of operations so far, by collection."""
    spent = {name: (us - before.get(name, (0, 0))[0], n - before.get(name, (0, 0))[1])
             for name, (us, n) in after.items()}  # fmt: skip
    every = sum(us for us, _ in spent.values()) or 1
    return {
        name: {"share": round(us / every, 3), "operations_a_project": round(n / seconds * a_project, 1)}
        for name, (us, n) in sorted(spent.items(), key=lambda pair: -pair[1][0])
        if n > 0
    }


def tables(found: Mapping[str, Any]) -> list[tuple[list[str], list[list[str]]]]:
    """Heads and rows of the two tables, the busiest first."""
    processes = [
        [name, f"{row['share']:.0%}", f"{row['cores']:.2f}", f"{row['ms_a_project']:.0f}"]
        for name, row in list(found["processes"].items())[:SHOWN]
    ]
    collections = [
        [name, f"{row['share']:.0%}", f"{row['operations_a_project']:.1f}"]
        for name, row in list(found["collections"].items())[:SHOWN]
    ]
    return [
        (["process", "of all processor time", "cores", "ms a project"], processes),
        (["in MongoDB", "of its operations' time", "operations a project"], collections),
    ]
