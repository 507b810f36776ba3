"""A MongoDB that requires passwords, with the users and rights that the containers' one gets."""

import base64
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from pymongo import MongoClient

from chassis.inside import with_tls
from chassis.mongo import Documents, connect
from contracts.parts import DATABASES
from deploy.local.engines.mongo import PROMISED, mongod
from deploy.local.ports import free_port
from deploy.local.process import Process
from deploy.mongo.provision import provision

PASSWORD = "drawn"


class Guarded:
    """One member of a replica set, and the URIs of its users. With ``ca`` connections use TLS."""

    def __init__(self, port: int, ca: str = "") -> None:
        self.host, self.ca = f"127.0.0.1:{port}", ca
        at = f"{self.host}/?replicaSet=rs0&authSource="
        self.uris: Mapping[str, str] = {
            **{name: f"mongodb://{name}:p-{name}@{at}releve_{name}" for name in DATABASES},
            "monitoring": f"mongodb://monitoring:p-monitoring@{at}admin",
        }
        self.admin_uri = f"mongodb://admin:{PASSWORD}@{at}admin"

    def provision(self, kept: timedelta = timedelta(days=365)) -> list[str]:
        """As `up` does, each time."""
        return provision([self.host], PASSWORD, self.uris, kept, self.ca)

    def database(self, service: str) -> Documents:
        """The service's database, as its own user."""
        return connect(self.uris[service], f"releve_{service}", app="test")


@contextmanager
def guarded_mongo(folder: Path, options: Sequence[str] = (), ca: str = "") -> Iterator[Guarded]:
    """Runs it while the body runs, as deploy/mongo/start.sh starts a member; ``options`` and ``ca`` are for TLS."""
    key, data, port = folder / "keyfile", folder / "data", free_port()
    key.write_bytes(base64.b64encode(os.urandom(96)))
    key.chmod(0o400)
    data.mkdir()
    command: list[str | Path] = [
        mongod(), "--dbpath", data, "--port", str(port), "--bind_ip", "127.0.0.1,127.0.0.2", "--nounixsocket",
        "--replSet", "rs0", "--keyFile", key, "--oplogSize", "64", "--wiredTigerCacheSizeGB", "0.25",
        *PROMISED, *options,
    ]  # fmt: skip
    process, mongo = Process("guarded", command, folder / "guarded.log"), Guarded(port, ca)
    process.start()
    try:
        at = with_tls(f"mongodb://{mongo.host}/?directConnection=true", ca)
        with MongoClient[dict[str, object]](at, serverSelectionTimeoutMS=120_000) as member:
            member.admin.command("hello")
        mongo.provision()
        yield mongo
    finally:
        process.kill()
