"""What stories ask of a system, wherever it runs: embedded (`deploy.local.system.System`), or as containers."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from chassis.broker import Broker
from chassis.settings import broker, environment

GATEWAY = "RELEVE_TEST_GATEWAY"
"""Where the gateway of the containers is; unset, stories start a system of their own."""
CONTAINED = GATEWAY in os.environ


class Running(Protocol):
    """The gateway's address, the engines as their administrator sees them, mails that were sent, logs by process."""

    @property
    def url(self) -> str: ...
    @property
    def kafka(self) -> str | Broker: ...
    @property
    def mongo_uri(self) -> str: ...
    @property
    def mails(self) -> Path: ...
    @property
    def logs(self) -> Path: ...


@dataclass(frozen=True)
class Containers:
    """deploy/compose.yaml, seen from its network by tests/rehearsal/compose.yaml's `inside`."""

    url: str
    kafka: Broker
    mongo_uri: str
    mails: Path
    logs: Path


def containers() -> Containers:
    """Those of the rehearsal, which begins and ends them."""
    settings = environment(os.environ)
    password = Path("/run/secrets/mongo_admin").read_text().strip()
    mongo = f"mongodb://admin:{password}@mongo:27017/?replicaSet=rs0&authSource=admin"
    return Containers(settings[GATEWAY], broker(settings), mongo, Path("/mails"), Path("/logs"))
