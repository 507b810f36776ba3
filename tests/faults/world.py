"""The system that faults are made in: three of each engine, two workers per service, on connections that can fail."""

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from chassis.broker import KAFKA_PYTHON
from deploy.local.engines import KafkaCluster, MongoCluster
from deploy.local.system import Command
from tests.faults import dying
from tests.faults.disks import Disk, Disks, why_not
from tests.faults.probe import Probe
from tests.kit import waves
from tests.kit.faulty import FaultySystem, ProxiedShape

THREE = ProxiedShape(brokers=3, members=3, workers=2)
SETTINGS = {
    "RELEVE_WAVE_SIZE": "8",
    **waves.FIXED,
    # password hashing is not under test here
    "RELEVE_HASH_TIME_COST": "1",
    "RELEVE_HASH_MEMORY_KIB": "64",
}


@dataclass(frozen=True)
class World:
    """``chance`` draws every choice and moment, so that a seed repeats them."""

    system: FaultySystem
    probe: Probe
    chance: random.Random
    orders: dict[str, dying.Orders]
    """The orders file of each worker, by its name."""
    disks: Disks
    no_disks: str | None
    """Why no disk can be full on this machine, or None."""

    @property
    def kafka(self) -> KafkaCluster:
        engine = self.system.parts.engines["kafka"]
        assert isinstance(engine, KafkaCluster)
        return engine

    @property
    def mongo(self) -> MongoCluster:
        engine = self.system.parts.engines["mongo"]
        assert isinstance(engine, MongoCluster)
        return engine


@contextmanager
def world(data: Path, seed: int, say: Callable[[str], None], client: str = KAFKA_PYTHON) -> Iterator[World]:
    """Starts the whole system, and ends it on leaving. ``client`` is the library of the services' Kafka clients."""
    data.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        commands: dict[str, Command] = {}
        orders = {name: dying.Orders(data / f"{name}.orders") for name, (_, side) in THREE.processes.items()
                  if side == "worker"}  # fmt: skip
        for name in orders:
            orders[name].withdraw()
            commands[name] = partial(dying.command, data / f"{name}.orders")
        no_disks = why_not()
        logs = data / "logs"
        disks = {name: Disk(data / name, logs / f"disk-{name}.log") for name in THREE.mongos if not no_disks}
        for name, disk in disks.items():
            stack.callback(disk.stop)
            disk.start()
            commands[name] = disk.command
        settings = {**SETTINGS, "RELEVE_KAFKA_CLIENT": client}
        system = stack.enter_context(FaultySystem(data, settings=settings, shape=THREE, commands=commands, say=say))
        probe = stack.enter_context(Probe(system.url))
        yield World(system, probe, random.Random(seed), orders, disks, no_disks)
