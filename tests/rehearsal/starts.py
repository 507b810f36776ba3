"""Starts of the whole stack in a row, each with a story: does every worker hear its topics, however parts begin?

A start that stalls is what no single rehearsal finds: brokers and workers meet in another order each time.
"""

import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from contracts.parts import PARTS
from deploy.docker import DockerError, docker
from deploy.stack import Stack, wait
from tests.rehearsal import steps

UP_WITHIN_S = 900
BROKERS = ("kafka-1", "kafka-2", "kafka-3")
WORKERS = tuple(f"{part.name}-worker" for part in PARTS if "worker" in part.sides)
REPLACED = "client_replaced"
"""What a watchdog logs (`chassis.watchdog`); counted in logs, which outlive a process that it ended."""


@dataclass(frozen=True)
class Start:
    """One start: how it began, seconds until every container was healthy and until the story ended, restarts."""

    way: str
    up_s: float
    end_s: float
    restarts: int
    stalled: str = ""


def at_once(stack: Stack) -> None:
    """As `make up` does."""
    stack.compose("up", "--detach", "--wait", timeout=UP_WITHIN_S)


def workers_first(stack: Stack) -> None:
    """Workers run before there is a broker, a member or a user."""
    stack.compose("up", "--detach", "--no-deps", *WORKERS, timeout=UP_WITHIN_S)
    at_once(stack)


def brokers_again(stack: Stack) -> None:
    """All runs; then the brokers crash one after the other: coordinators move while members join."""
    at_once(stack)
    number = len(stack.containers())
    for broker in random.sample(BROKERS, len(BROKERS)):
        for container in stack.containers(broker):
            steps.crash(container)
    whole(stack, number)


def power_cut(stack: Stack) -> None:
    """All runs; then every container ends at once and begins at once, in no order, as after a power cut."""
    at_once(stack)
    every = stack.containers()
    docker("kill", *every)
    docker("start", *random.sample(every, len(every)))
    whole(stack, len(every))


def workers_again(stack: Stack) -> None:
    """All runs; then workers crash while a broker does: members join while their coordinator goes."""
    at_once(stack)
    number = len(stack.containers())
    for part in (*WORKERS, random.choice(BROKERS)):
        for container in stack.containers(part):
            steps.crash(container)
    whole(stack, number)


def whole(stack: Stack, number: int) -> None:
    """Returns once so many containers run and all are healthy, which some may not be for a while; or DockerError."""

    def there() -> bool:
        running = stack.containers()
        return len(running) >= number and stack.healthy(running)

    wait(there, f"{number} healthy containers")


WAYS: tuple[Callable[[Stack], None], ...] = (at_once, workers_first, power_cut, at_once, workers_again, brokers_again)


def begin(stack: Stack, number: int) -> Start:
    """The start of this number, with its story; `stalled` says what did not come."""
    way = WAYS[number % len(WAYS)]
    began = up = time.monotonic()
    stalled = ""
    try:
        way(stack)
        up = time.monotonic()
        steps.story(stack)
    except (DockerError, steps.Broken) as error:
        stalled = str(error).splitlines()[0][:200]
    ended = time.monotonic()
    return Start(way.__name__, up - began, ended - began, restarts(stack), stalled)


def restarts(stack: Stack) -> int:
    """How many clients the watchdogs of all workers have replaced, by what they logged."""
    said = (docker("logs", container) for worker in WORKERS for container in stack.containers(worker))
    return sum(log.count(f'"event": "{REPLACED}"') for log in said)


def told(starts: list[Start]) -> str:
    """The figures of these starts in a line."""
    ends = [start.end_s for start in starts if not start.stalled]
    if not ends:
        return f"{len(starts)} starts, all stalled"
    return f"{len(starts)} starts, {sum(bool(start.stalled) for start in starts)} stalled, " \
           f"{sum(start.restarts for start in starts)} restarts by a watchdog, " \
           f"to the story's end {statistics.median(ends):.0f} s (median), {max(ends):.0f} s (longest)"  # fmt: skip
