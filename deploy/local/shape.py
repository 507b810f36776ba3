"""The number of processes of each kind, and their names: `kafka` if there is one, otherwise `kafka-1`, `kafka-2` …"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from contracts.parts import PARTS
from deploy.local.engines import KafkaCluster, Member, MongoCluster, Node

Ports = Mapping[str, int]


@dataclass(frozen=True)
class Shape:
    """Numbers of brokers, of MongoDB members, and of workers per part."""

    brokers: int = 1
    members: int = 1
    workers: int = 1

    @property
    def kafkas(self) -> list[str]:
        """The names of the brokers."""
        return _numbered("kafka", self.brokers)

    @property
    def mongos(self) -> list[str]:
        """The names of the members of the replica set."""
        return _numbered("mongo", self.members)

    @property
    def processes(self) -> dict[str, tuple[str, str]]:
        """Every process of every part: name → part and side. A second worker is named `quotes-worker-2`."""
        more = [f"worker-{number}" for number in range(2, self.workers + 1)]
        return {
            f"{part.name}-{side}": (part.name, side.split("-")[0])
            for part in PARTS
            for side in (*part.sides, *(more if "worker" in part.sides else ()))
        }

    @property
    def ports(self) -> list[str]:
        """The names of all ports to choose."""
        controllers = [_controller(name) for name in self.kafkas]
        fixed = ["gateway", "envoy-admin", "envoy-inner", "mail"]
        return [*fixed, *self.mongos, *self.kafkas, *controllers, *self.processes]

    def advertised(self, name: str, ports: Ports) -> int:
        """The port at which clients reach a broker or member; a subclass may put a proxy in between."""
        return ports[name]

    def kafka(self, data: Path, ports: Ports, logs: Path) -> KafkaCluster:
        """The brokers, each with a data folder named after it."""
        nodes = [
            Node(name, data / name, ports[name], ports[_controller(name)], self.advertised(name, ports))
            for name in self.kafkas
        ]
        return KafkaCluster(nodes, logs)

    def mongo(self, data: Path, ports: Ports, logs: Path) -> MongoCluster:
        """The replica set, each member with a data folder named after it."""
        members = [Member(name, data / name, ports[name], self.advertised(name, ports), logs) for name in self.mongos]
        return MongoCluster(members)


def _numbered(name: str, count: int) -> list[str]:
    return [name] if count == 1 else [f"{name}-{number}" for number in range(1, count + 1)]


def _controller(name: str) -> str:
    return name.replace("kafka", "kafka-controller")
