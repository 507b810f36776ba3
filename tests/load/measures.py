"""The figures of a level: percentiles by route, waits for notifications, stories, errors. Pure."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.kit.oracle.five import broken

YARDSTICK = "GET /healthz"
AGAIN = " (again)"
"""Marks a poll that was repeated because the result was not ready: a request, but no figure of its route."""


@dataclass
class Told:
    """Everything that the generator reported about one level. Times are seconds since the level's start."""

    shots: list[tuple[str, float, float, float, str]] = field(default_factory=list)
    """Route, scheduled time, seconds from then to the response, seconds from the send, the error or an empty text."""
    news: list[tuple[str, float, float]] = field(default_factory=list)
    """Notifications received: the kind, the scheduled time of the cause, seconds until the person had it."""
    stories: list[dict[str, Any]] = field(default_factory=list)
    wakes: list[float] = field(default_factory=list)
    """Seconds by which the generator itself woke late, measured twenty times a second."""


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed (nearest rank); values not empty."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)]


def figures(told: Told, seconds: float) -> dict[str, Any]:
    """All figures of a level that took ``seconds``, including the time until the last story ended."""
    by_route, news = defaultdict(list), defaultdict(list)
    for shot in told.shots:
        by_route[shot[0]].append(shot)
    for kind, _, waited in told.news:
        news[kind].append(waited)
    errors = Counter(f"{route}: {error}" for route, _, _, _, error in told.shots if error)
    unfinished = Counter(story["wrong"] for story in told.stories if story["wrong"])
    real = [shot for shot in told.shots if shot[0] != YARDSTICK]
    return {
        "seconds": round(seconds, 1),
        "requests": len(real),
        "requests_a_second": round(len(real) / seconds, 1) if seconds else 0.0,
        "errors": sum(1 for shot in real if shot[4]),
        "what_failed": dict(errors.most_common(20)),
        "routes": {route: _times(shots) for route, shots in sorted(by_route.items())},
        "news": {kind: _waits(waits) for kind, waits in sorted(news.items())},
        "stories": len(told.stories),
        "by_kind": dict(Counter(story["kind"] for story in told.stories)),
        "unfinished": sum(unfinished.values()),
        "why_unfinished": dict(unfinished.most_common(20)),
        "violations": [line for story in told.stories for line in broken(story)],
        "generator_late_p99_ms": _ms(percentile(told.wakes, 0.99)) if told.wakes else None,
    }


def course(told: Told, seconds: float, parts: int = 60) -> dict[str, list[Any]]:
    """The level's timeline for a plot: requests a second, p50 and p99 since the scheduled time, for each interval."""
    width = max(seconds / parts, 1.0)
    stretches: defaultdict[int, list[float]] = defaultdict(list)
    for route, due, took, _, _ in told.shots:
        if route != YARDSTICK and not route.endswith(AGAIN):
            stretches[int(due / width)].append(took)
    found = sorted(stretches.items())
    return {
        "at": [round((place + 0.5) * width, 1) for place, _ in found],
        "requests_a_second": [round(len(took) / width, 2) for _, took in found],
        "p50_ms": [_ms(percentile(took, 0.5)) for _, took in found],
        "p99_ms": [_ms(percentile(took, 0.99)) for _, took in found],
    }


def _times(shots: Iterable[tuple[str, float, float, float, str]]) -> dict[str, Any]:
    shots = list(shots)
    took = [shot[2] for shot in shots]
    return {
        "count": len(took),
        "errors": sum(1 for shot in shots if shot[4]),
        "p50_ms": _ms(percentile(took, 0.5)),
        "p90_ms": _ms(percentile(took, 0.9)),
        "p99_ms": _ms(percentile(took, 0.99)),
        "max_ms": _ms(max(took)),
        "p99_from_send_ms": _ms(percentile([shot[3] for shot in shots], 0.99)),
    }


def _waits(waits: Sequence[float]) -> dict[str, Any]:
    return {
        "count": len(waits),
        "p50_s": round(percentile(waits, 0.5), 3),
        "p99_s": round(percentile(waits, 0.99), 3),
        "max_s": round(max(waits), 3),
    }


def _ms(seconds: float) -> float:
    return round(1000 * seconds, 1)
