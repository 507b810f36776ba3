"""Leak detection in a long run at one rate: slopes of memory, open files, lag and collections. Pure."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

LEAST_MINUTES = 10.0
"""A soak shorter than this many minutes gets slopes but no verdict, because caches still fill."""
SETTLED = 1 / 3
"""The share of the soak skipped at its start, while caches and pools fill."""
MEMORY_A_HOUR = 0.10
"""The share by which a service's memory may grow in an hour, in addition to `MEMORY_SLACK_MIB`."""
MEMORY_SLACK_MIB = 16.0
FILES_A_HOUR = 20.0
LAG_AN_HOUR = 100.0
FASTER = 1.25
"""Maximum factor of documents gained per project in the second half, compared with the first."""
ENGINES = ("mongo", "kafka", "envoy", "mail", "(generator)")
"""Processes whose memory is shown but not judged: MongoDB and the JVM fill their configured cache and heap."""


def slope(at: Sequence[float], values: Sequence[float]) -> float:
    """The growth of a value per hour: the median of the slopes between all pairs, so that a spike has no effect.

    Theil, 1950, and Sen, 1968. ``at`` is in seconds; the result is 0 for fewer than two samples.
    """
    slopes = [
        (values[later] - values[earlier]) / (at[later] - at[earlier])
        for earlier in range(len(at))
        for later in range(earlier + 1, len(at))
        if at[later] > at[earlier]
    ]
    return 3600 * statistics.median(slopes) if slopes else 0.0


def verdict(
    held: Sequence[Mapping[str, Any]], lags: Sequence[Mapping[str, Any]], stories: Sequence[float], minutes: float
) -> dict[str, Any]:
    """Slopes per hour of every observed resource, and a line for each that grows beyond its limit.

    ``stories`` are the arrival times of projects, in seconds on the same clock as ``since``.
    """
    looks, leaks = _settled(held), list[str]()
    memory, files = {}, {}
    for name in sorted({name for look in looks for name in look["processes"]}):
        mine = [look for look in looks if name in look["processes"]]
        at = [look["since"] for look in mine]
        pss = [look["processes"][name]["pss"] for look in mine]
        middle = statistics.median(pss)
        memory[name] = {"pss_mib": round(middle, 1), "a_hour": round(slope(at, pss), 1)}
        files[name] = round(slope(at, [look["processes"][name]["files"] for look in mine]), 1)
        if name in ENGINES:
            continue
        if memory[name]["a_hour"] > MEMORY_A_HOUR * middle + MEMORY_SLACK_MIB:
            leaks.append(f"memory of {name}: {memory[name]['a_hour']:.0f} MiB more an hour, at {middle:.0f} MiB")
        if files[name] > FILES_A_HOUR:
            leaks.append(f"open files of {name}: {files[name]:.0f} more an hour")
    lag = _lag(lags)
    if lag is not None and lag > LAG_AN_HOUR:
        leaks.append(f"consumer lag: {lag:.0f} events more an hour")
    growth = collections(held, stories)
    leaks += [
        f"collection {name}: {rows['second']:.2f} documents a project in the second half, {rows['first']:.2f} before"
        for name, rows in growth.items()
        if rows["second"] > FASTER * rows["first"] + 1
    ]
    judged = minutes >= LEAST_MINUTES
    watched = {"memory": memory, "open files": files, "lag": lag is not None, "collections": growth}
    return {
        "minutes": minutes, "judged": judged, "seen": [name for name, there in watched.items() if there],
        "leaks": leaks if judged else [], "would_be_leaks": leaks,
        "memory": memory, "files_a_hour": files, "lag_a_hour": lag, "collections": growth,
    }  # fmt: skip


def collections(held: Sequence[Mapping[str, Any]], stories: Sequence[float]) -> dict[str, dict[str, float]]:
    """Documents that each collection gained per project, in the first and second half of the settled time."""
    looks = [look for look in _settled(held) if look["collections"]]
    if len(looks) < 3:
        return {}
    start, middle, end = looks[0], looks[len(looks) // 2], looks[-1]
    halves = {"first": (start, middle), "second": (middle, end)}
    found = {}
    for name in sorted(end["collections"]):
        found[name] = {
            half: round(_gained(name, before, after) / max(1, _between(stories, before, after)), 2)
            for half, (before, after) in halves.items()
        }
        found[name]["documents"] = end["collections"][name]
    return found


def _gained(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> int:
    gained: int = after["collections"].get(name, 0) - before["collections"].get(name, 0)
    return gained


def _between(moments: Sequence[float], before: Mapping[str, Any], after: Mapping[str, Any]) -> int:
    return sum(before["since"] < moment <= after["since"] for moment in moments)


def _settled(looks: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    if not looks:
        return looks
    from_then = looks[0]["since"] + SETTLED * (looks[-1]["since"] - looks[0]["since"])
    return [look for look in looks if look["since"] >= from_then]


def _lag(lags: Sequence[Mapping[str, Any]]) -> float | None:
    looks = [look for look in _settled(lags) if "lag" in look][::10]  # one sample in ten seconds is enough for a slope
    if not looks:
        return None
    return round(slope([look["since"] for look in looks], [sum(look["lag"].values()) for look in looks]), 1)
