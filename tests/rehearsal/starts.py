"""Repeated starts of the whole stack, each with a story: every worker must consume, whatever the start order.

A single rehearsal rarely finds a stalled start, because brokers and workers come up in another order each time.
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
"""Log events of a watchdog (`chassis.watchdog`); counted in logs, which outlive the process that it ended."""


@dataclass(frozen=True)
class Start:
    """One start: its way, seconds until all containers were healthy and until the story ended, watchdog restarts."""

    way: str
    up_s: float
    end_s: float
    restarts: int
    stalled: str = ""


def at_once(stack: Stack) -> None:
    """Starts everything together, as `make up` does."""
    stack.compose("up", "--detach", "--wait", timeout=UP_WITHIN_S)


def workers_first(stack: Stack) -> None:
    """Starts workers before any broker, MongoDB member or user exists."""
    stack.compose("up", "--detach", "--no-deps", *WORKERS, timeout=UP_WITHIN_S)
    at_once(stack)


def brokers_again(stack: Stack) -> None:
    """Starts everything, then crashes the brokers one after another: coordinators move while members join."""
    at_once(stack)
    number = len(stack.containers())
    for broker in random.sample(BROKERS, len(BROKERS)):
        for container in stack.containers(broker):
            steps.crash(container)
    whole(stack, number)


def power_cut(stack: Stack) -> None:
    """Starts everything, then kills every container together and restarts all in no order, as after a power cut."""
    at_once(stack)
    every = stack.containers()
    docker("kill", *every)
    docker("start", *random.sample(every, len(every)))
    whole(stack, len(every))


def workers_again(stack: Stack) -> None:
    """Starts everything, then crashes workers together with a broker: members join while a coordinator may go."""
    at_once(stack)
    number = len(stack.containers())
    for part in (*WORKERS, random.choice(BROKERS)):
        for container in stack.containers(part):
            steps.crash(container)
    whole(stack, number)


def whole(stack: Stack, number: int) -> None:
    """Waits until ``number`` containers run and all are healthy; else raises DockerError."""

    def there() -> bool:
        running = stack.containers()
        return len(running) >= number and stack.healthy(running)

    wait(there, f"{number} healthy containers")


WAYS: tuple[Callable[[Stack], None], ...] = (at_once, workers_first, power_cut, at_once, workers_again, brokers_again)


def begin(stack: Stack, number: int) -> Start:
    """Runs the start with this number and its story; `stalled` states the missing step."""
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
    """The number of Kafka clients replaced by all watchdogs, from their logs."""
    said = (docker("logs", container) for worker in WORKERS for container in stack.containers(worker))
    return sum(log.count(f'"event": "{REPLACED}"') for log in said)


def told(starts: list[Start]) -> str:
    """The figures of the starts in one line."""
    ends = [start.end_s for start in starts if not start.stalled]
    if not ends:
        return f"{len(starts)} starts, all stalled"
    return f"{len(starts)} starts, {sum(bool(start.stalled) for start in starts)} stalled, " \
           f"{sum(start.restarts for start in starts)} restarts by a watchdog, " \
           f"to the story's end {statistics.median(ends):.0f} s (median), {max(ends):.0f} s (longest)"  # fmt: skip
