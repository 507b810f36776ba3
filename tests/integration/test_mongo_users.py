"""The containers' replica set: it and its users are created once, and not again when a member lost its data."""

import base64
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from contracts.topics import SERVICES
from deploy.local.engines.mongo import PROMISED, mongod
from deploy.local.ports import free_port
from deploy.local.process import Process
from deploy.mongo.provision import provision
from tests.kit.waiting import until

PASSWORD = "drawn"


@dataclass(frozen=True)
class Members:
    """Three members that require passwords, as deploy/mongo/start.sh starts them."""

    hosts: list[str]
    processes: list[Process]
    folders: list[Path]

    @property
    def uris(self) -> Mapping[str, str]:
        address = f"{','.join(self.hosts)}/?replicaSet=rs0&authSource=releve_"
        return {name: f"mongodb://{name}:p-{name}@{address}{name}" for name in SERVICES}

    def start(self, number: int) -> None:
        """Starts a member and returns once it answers, as the containers' health checks wait for it."""
        self.processes[number].start()
        at = f"mongodb://{self.hosts[number]}/?directConnection=true"
        with MongoClient[dict[str, object]](at, serverSelectionTimeoutMS=120_000) as member:
            member.admin.command("hello")

    def provision(self) -> list[str]:
        return provision(self.hosts, PASSWORD, self.uris)


@pytest.fixture
def members(tmp_path: Path) -> Iterator[Members]:
    key = tmp_path / "keyfile"
    key.write_bytes(base64.b64encode(os.urandom(96)))
    key.chmod(0o400)
    ports: list[int] = []
    while len(ports) < 3:
        ports.append(free_port(ports))
    folders = [tmp_path / f"data-{port}" for port in ports]
    every = Members([f"127.0.0.1:{port}" for port in ports], [], folders)
    for port, folder in zip(ports, folders, strict=True):
        folder.mkdir()
        command: list[str | Path] = [
            mongod(), "--dbpath", folder, "--port", str(port), "--bind_ip", "127.0.0.1", "--nounixsocket",
            "--replSet", "rs0", "--keyFile", key, "--oplogSize", "64", "--wiredTigerCacheSizeGB", "0.25",
            *PROMISED,
        ]  # fmt: skip
        every.processes.append(Process(f"mongo-{port}", command, tmp_path / f"mongo-{port}.log"))
    try:
        for number in range(3):
            every.start(number)
        yield every
    finally:
        for process in every.processes:
            process.kill()


def test_replica_set_takes_back_a_member_that_lost_its_data(members: Members) -> None:
    made = members.provision()
    assert {"the replica set", "the administrator", "the user quotes"} <= set(made)
    assert members.provision() == []
    with MongoClient[dict[str, object]](members.uris["quotes"], w="majority") as quotes:
        quotes.releve_quotes.rounds.insert_one({"_id": "kept"})
        with pytest.raises(OperationFailure, match="not authorized"):
            quotes.releve_projects.vault.find_one()
        members.processes[0].kill()
        shutil.rmtree(members.folders[0])
        members.folders[0].mkdir()
        members.start(0)
        assert members.provision() == []
        assert quotes.releve_quotes.rounds.find_one() == {"_id": "kept"}

    def copied() -> bool:
        at = f"mongodb://{members.hosts[0]}/?directConnection=true&readPreference=secondaryPreferred"
        with MongoClient[dict[str, object]](at, username="admin", password=PASSWORD) as first:
            return first.releve_quotes.rounds.find_one() == {"_id": "kept"}

    until(copied)
