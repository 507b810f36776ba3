"""The objectives of every level, and which of them are missed. Pure, except for reading the file."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.load.measures import AGAIN, YARDSTICK

DEFAULT = Path(__file__).with_name("objectives.json")


def read(path: Path | None = None) -> dict[str, Any]:
    """The default objectives, overridden by those of a file; raises ValueError for an unknown name."""
    objectives = json.loads(DEFAULT.read_text())
    for name, value in (json.loads(path.read_text()) if path else {}).items():
        if name not in objectives or isinstance(value, dict) != isinstance(objectives[name], dict):
            raise ValueError(f"{path}: {name} is not among {', '.join(objectives)}")
        objectives[name] = objectives[name] | value if isinstance(value, dict) else value
    return objectives


def breaks(figures: Mapping[str, Any], objectives: Mapping[str, Any]) -> list[str]:
    """A line for each objective that a level's figures miss; an unmeasured figure misses nothing."""
    return [*_of_requests(figures, objectives), *_of_stories(figures, objectives), *_of_inside(figures, objectives)]


def _of_requests(figures: Mapping[str, Any], objectives: Mapping[str, Any]) -> Iterator[str]:
    if figures["errors"] > objectives["errors"] * figures["requests"]:
        share = figures["errors"] / figures["requests"]
        first = next(iter(figures["what_failed"]), "")
        yield (
            f"errors: {figures['errors']} of {figures['requests']} requests, {share:.2%}, where "
            f"{objectives['errors']:.1%} are allowed (most often {first})"
        )
    limits = objectives["p99_ms"]
    for route, times in figures["routes"].items():
        most = limits.get(route, limits["*"])
        if times["p99_ms"] > most and route != YARDSTICK and not route.endswith(AGAIN):
            yield f"p99 of {route}: {times['p99_ms']:.0f} ms of {times['count']} requests, where {most} are allowed"
    for kind, most in objectives["news_p99_s"].items():
        waits = figures["news"].get(kind)
        if waits and waits["p99_s"] > most:
            yield f"news: {kind} after {waits['p99_s']:.1f} s at p99, where {most} are allowed"


def _of_stories(figures: Mapping[str, Any], objectives: Mapping[str, Any]) -> Iterator[str]:
    if figures["unfinished"] > objectives["unfinished"] * figures["stories"]:
        count, first = figures["unfinished"], next(iter(figures["why_unfinished"]), "")
        yield f"stories: {count} of {figures['stories']} did not end as they should (most often {first})"
    violations = [*figures["violations"], *figures.get("stored_violations", ())]
    if len(violations) > objectives["violations"]:
        yield f"the five-quote rule: {len(violations)} violations (first {violations[0]})"


def _of_inside(figures: Mapping[str, Any], objectives: Mapping[str, Any]) -> Iterator[str]:
    inside = figures.get("inside") or {}
    most = inside.get("lag_most")
    if most is not None and most > objectives["lag_most"]:
        yield f"consumer lag: {most} events at the most, where {objectives['lag_most']} are allowed"
    for name, title in (("lag_gone_s", "consumer lag"), ("outbox_gone_s", "pending outbox rows")):
        if name in inside and (inside[name] is None or inside[name] > objectives[name]):
            gone = "never" if inside[name] is None else f"after {inside[name]:.0f} s"
            yield f"{title}: gone {gone} once the last project had ended, where {objectives[name]} s are allowed"
    if inside.get("dead_letters", 0) > objectives["dead_letters"]:
        yield f"dead letters: {inside['dead_letters']}, where {objectives['dead_letters']} are allowed"
