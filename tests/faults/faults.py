"""Every fault of the run. Each is a context manager: entering makes the fault, leaving repairs it."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from contracts.parts import DATABASES
from contracts.topics import SERVICES
from tests.faults import dying
from tests.faults.world import World
from tests.kit.proxy import Mode
from tests.kit.waiting import until

SERVICE_GOAL_S, MONGO_GOAL_S, KAFKA_GOAL_S = 15.0, 15.0, 25.0
SLOW_S = 0.15
PAUSE_S = 40.0
MUTE_S = 20.0
JOINING_S = 4.0
"""Time from the start of a process until it asks to join its group."""
ASKED_MS = 3_000
reached = partial(until, seconds=60.0)
"""Timeout for a state that a fault needs."""
STEP_S = 240.0
"""Timeout for a step of one service: three programmes of the load begin in it, and make `programmes` publish."""
LISTENERS = tuple(name for name in DATABASES if name != "accounts")
PUBLISHERS = tuple(name for name in LISTENERS if name != "notify")
"""Services that a load keeps busy: accounts and notify publish next to nothing under it."""

Make = Callable[[World], AbstractContextManager[None]]


class CannotBeMade(Exception):
    """The fault cannot be made on this machine; the text is the reason."""


@dataclass(frozen=True)
class Fault:
    """``goal_s``: seconds after its end within which the system must have recovered; ``hold_s``: its duration."""

    name: str
    goal_s: float
    hold_s: float
    make: Make


@contextmanager
def killed_process(name: str, world: World) -> Iterator[None]:
    """kill -9; the supervisor restarts it. Of a service's two workers, a random one."""
    names = [name, f"{name}-2"] if name.endswith("-worker") else [name]
    world.system.kill(world.chance.choice(names))
    yield


@contextmanager
def killed_before(step: str, services: Sequence[str], world: World) -> Iterator[None]:
    """A worker kills itself between two steps; returns once it has. The supervisor restarts it."""
    service = world.chance.choice(services)
    workers = [name for name in world.orders if name.startswith(f"{service}-")]
    before = [world.system.processes.get(name) for name in workers]
    for name in workers:
        world.orders[name].give(step)
    try:
        until(
            lambda: [world.system.processes.get(name) for name in workers] != before,
            seconds=STEP_S,
            what=f"{service} came to {step}",
        )
    finally:
        for name in workers:
            world.orders[name].withdraw()
    yield


@contextmanager
def killed_engine(name: str, world: World) -> Iterator[None]:
    """kill -9 and a restart."""
    world.system.stop(name, kill=True)
    yield
    world.system.start(name)


@contextmanager
def killed_primary(world: World) -> Iterator[None]:
    """kill -9 of the MongoDB primary."""
    with killed_engine(_primary(world), world):
        yield


@contextmanager
def two_members_gone(world: World) -> Iterator[None]:
    """kill -9 of two of three members: without a majority, every write must be refused in a machine-readable way."""
    names = world.chance.sample(world.system.shape.mongos, 2)
    began = time.time()
    world.system.stop(*names, kill=True)
    refused = "application/problem+json"
    refusing = lambda: {service for at, service, status, kind in list(world.probe.refused)  # noqa: E731
                    if at > began and status == 503 and kind.startswith(refused)}  # fmt: skip
    try:
        reached(lambda: refusing() == set(SERVICES), what="every service refuses writes with 503")
        yield
    finally:
        world.system.start(*names)


@contextmanager
def paused_leader(world: World) -> Iterator[None]:
    """Pauses the leader until another has its lease and its place in the group, then resumes it."""
    name = relay_leader(world, world.chance.choice(PUBLISHERS))
    world.system.pause(name)
    try:
        yield
    finally:
        world.system.resume(name)


@contextmanager
def network(mode: Mode, engine: str, world: World) -> Iterator[None]:
    """Affects the connections from the services to all processes of one engine; these still reach each other."""
    names = world.system.shape.kafkas if engine == "kafka" else world.system.shape.mongos
    world.system.proxies.set(mode, *names, delay=SLOW_S)
    try:
        yield
    finally:
        world.system.proxies.set(Mode.PASS, *names)


@contextmanager
def mute_brokers(mode: Mode, world: World) -> Iterator[None]:
    """Brokers that accept connections and never answer; meanwhile every worker of one service is restarted."""
    world.system.proxies.set(mode, *world.system.shape.kafkas)
    try:
        world.system.kill(*workers(world, world.chance.choice(LISTENERS)))
        yield
    finally:
        world.system.proxies.set(Mode.PASS, *world.system.shape.kafkas)


@contextmanager
def moved_coordinator(world: World) -> Iterator[None]:
    """The broker that coordinates a group hangs while the members are restarted, then dies: another broker takes over.

    To its clients it keeps hanging. The fault lasts until every new member reads its topics.
    """
    service = world.chance.choice(LISTENERS)
    names, broker, before = workers(world, service), coordinator(world, service), members(world, service)
    world.system.proxies.set(Mode.MUTE, broker)
    try:
        pids = [world.system.processes.get(name) for name in names]
        world.system.kill(*names)
        reached(lambda: all(world.system.processes.get(name) not in (None, pid)
                            for name, pid in zip(names, pids, strict=True)), what=f"{service} restarted")  # fmt: skip
        time.sleep(JOINING_S)
        world.system.stop(broker, kill=True)
        reached(lambda: len(members(world, service) - before) == len(names), what=f"{service} joined by another broker")
        yield
    finally:
        world.system.proxies.set(Mode.PASS, broker)
        world.system.start(broker)


@contextmanager
def full_disk(world: World) -> Iterator[None]:
    """The primary's disk is full, until it gives up or the fault ends."""
    if world.no_disks:
        raise CannotBeMade(world.no_disks)
    name = _primary(world)
    world.system.let_end(name)
    world.disks[name].fill()
    yield
    world.disks[name].free()
    world.system.stop(name, kill=True)
    world.system.start(name)


@contextmanager
def wiped_brokers(world: World) -> Iterator[None]:
    """All messages, topics and offsets are lost; the topics are created again."""
    world.system.stop("kafka", kill=True)
    world.kafka.wipe()
    yield
    world.system.start("kafka")


@contextmanager
def everything_restarted(world: World) -> Iterator[None]:
    """kill -9 of everything: engines, services, gateway, and the external mail server."""
    every = [*SERVICES, "mongo", "kafka", "envoy", "mail"]
    world.system.stop(*every, kill=True)
    yield
    world.system.start(*every)


def workers(world: World, service: str) -> list[str]:
    """The names of the workers of a service."""
    return [name for name in world.orders if name.startswith(f"{service}-")]


def coordinator(world: World, group: str) -> str:
    """The name of the broker that coordinates a group."""
    with _admin(world) as admin:
        (topic,) = admin.describe_topics(["__consumer_offsets"])
    place = java_hash(group) % len(topic["partitions"])
    leader = next(part["leader_id"] for part in topic["partitions"] if part["partition_index"] == place)
    return world.system.shape.kafkas[leader - 1]


def members(world: World, group: str) -> set[str]:
    """The members of a group that have an assignment; empty if no broker answers."""
    try:
        with _admin(world) as admin:
            described = admin.describe_groups([group])[group]
    except KafkaError:
        return set()
    return {one["member_id"] for one in described["members"] if one["member_assignment"]}


@contextmanager
def _admin(world: World) -> Iterator[KafkaAdminClient]:
    """Connects to the brokers' own ports, bypassing the proxies."""
    addresses = [f"127.0.0.1:{world.system.port_of(name)}" for name in world.system.shape.kafkas]
    admin = KafkaAdminClient(bootstrap_servers=addresses, bootstrap_timeout_ms=ASKED_MS, request_timeout_ms=ASKED_MS)
    try:
        yield admin
    finally:
        admin.close()


def java_hash(text: str) -> int:
    """The hash by which brokers choose the partition of a group's offsets: Java's `hashCode`, made non-negative."""
    found = 0
    for letter in text:
        found = (31 * found + ord(letter)) % 2**32
    return found % 2**31


def relay_leader(world: World, service: str) -> str:
    """The worker that took the service's relay lease last; workers log this with the lease's epoch."""
    epochs = {}
    for name in world.orders:
        if name.startswith(f"{service}-"):
            lines = (world.system.logs / f"{name}.log").read_text().splitlines()
            epochs[name] = max((json.loads(line)["epoch"] for line in lines if '"relay_leads"' in line), default=0)
    return max(epochs, key=lambda name: epochs[name])


def _primary(world: World) -> str:
    found = reached(world.mongo.primary, what="there is a primary")
    assert isinstance(found, str)
    return found


def _faults() -> Iterator[Fault]:
    for side in ("http", "worker"):
        for service in SERVICES:
            name = f"{service}-{side}"
            yield Fault(f"kill {name}", SERVICE_GOAL_S, 0, partial(killed_process, name))
    yield Fault("kill the relay before it publishes", SERVICE_GOAL_S, 0,
                partial(killed_before, dying.BEFORE_PUBLISH, PUBLISHERS))  # fmt: skip
    yield Fault("kill the relay before it marks", SERVICE_GOAL_S, 0,
                partial(killed_before, dying.BEFORE_MARK, PUBLISHERS))  # fmt: skip
    yield Fault("kill a consumer before it commits", SERVICE_GOAL_S, 0,
                partial(killed_before, dying.BEFORE_COMMIT, LISTENERS))  # fmt: skip
    yield Fault("pause a relay for 40 s", SERVICE_GOAL_S, PAUSE_S, paused_leader)
    yield Fault("kill Envoy", SERVICE_GOAL_S, 1, partial(killed_engine, "envoy"))
    for number in (1, 2, 3):
        yield Fault(f"kill kafka-{number}", KAFKA_GOAL_S, 5, partial(killed_engine, f"kafka-{number}"))
    yield Fault("wipe all brokers", KAFKA_GOAL_S, 1, wiped_brokers)
    yield Fault("kill the MongoDB primary", MONGO_GOAL_S, 4, killed_primary)
    yield Fault("kill two MongoDB members", MONGO_GOAL_S, 2, two_members_gone)
    yield Fault("full disk under the primary", MONGO_GOAL_S, 5, full_disk)
    for engine, goal in (("kafka", KAFKA_GOAL_S), ("mongo", MONGO_GOAL_S)):
        for mode in (Mode.CUT, Mode.SLOW, Mode.DEAF):
            yield Fault(f"{engine} network {mode}", goal, 4, partial(network, mode, engine))
    for mode in (Mode.MUTE, Mode.HALF):
        yield Fault(f"kafka network {mode}", KAFKA_GOAL_S, MUTE_S, partial(mute_brokers, mode))
    yield Fault("move a coordinator during the join", KAFKA_GOAL_S, 0, moved_coordinator)
    yield Fault("restart everything", KAFKA_GOAL_S, 0, everything_restarted)


FAULTS = tuple(_faults())
LONG = (Fault("no Kafka for ten minutes", KAFKA_GOAL_S, 600, partial(killed_engine, "kafka")),)
"""Run only when named."""
LATE_GOALS = ("kill the MongoDB primary",)
"""During these no window may end later than its goal."""
