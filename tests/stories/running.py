"""The interface of a running system for stories: embedded (`deploy.local.system.System`), or as containers."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from chassis.broker import Broker
from chassis.inside import with_tls
from chassis.settings import broker, environment

GATEWAY = "RELEVE_TEST_GATEWAY"
"""The setting with the URL of the containers' gateway; if unset, stories start their own system."""
CONTAINED = GATEWAY in os.environ


class Running(Protocol):
    """The gateway's URL, the engines with administrator's access, the sent mails, the logs by process."""

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
    """deploy/compose.yaml, accessed within its network from `inside` of tests/rehearsal/compose.yaml."""

    url: str
    kafka: Broker
    mongo_uri: str
    mails: Path
    logs: Path


def containers() -> Containers:
    """The containers of the rehearsal, which starts and stops them."""
    settings = environment(os.environ)
    password = Path("/run/secrets/mongo_admin").read_text().strip()
    mongo = f"mongodb://admin:{password}@mongo:27017/?replicaSet=rs0&authSource=admin"
    mongo = with_tls(mongo, settings.get("RELEVE_INSIDE_CA", ""))
    return Containers(settings[GATEWAY], broker(settings), mongo, Path("/mails"), Path("/logs"))
