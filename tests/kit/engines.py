"""Engines of a test run; `RELEVE_TEST_ENGINES` chooses them.

| setting | engines |
|---|---|
| ``local`` | processes on this machine, as in the embedded mode; the default |
| ``containers`` | testcontainers, of the official images or those in `RELEVE_IMAGE_MONGO` and `RELEVE_IMAGE_KAFKA` |
| ``given`` | those at `RELEVE_TEST_MONGO_URI` and `RELEVE_TEST_KAFKA`; the caller starts and cleans them |
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from pymongo import MongoClient

from deploy.local.engines import Kafka, Mongo
from deploy.local.engines.kafka import CONFIG, acknowledges, new_cluster_id
from deploy.local.engines.mongo import PROMISED
from deploy.local.jars import KAFKA
from deploy.local.ports import free_port
from tests.kit.waiting import until

LOOPBACK = "127.0.0.1"
STARTS_WITHIN_S = 90.0
RUN_LABEL = "releve.test-run"
"""Label of every container of a run, so that leftovers can be found."""
MONGO_IMAGE, KAFKA_IMAGE = "mongo:8.0.29", f"apache/kafka:{KAFKA}"


@contextmanager
def local_mongo(folder: Path) -> Iterator[str]:
    with Mongo(folder / "data", free_port()) as engine:
        yield engine.uri


@contextmanager
def local_kafka(folder: Path) -> Iterator[str]:
    port = free_port()
    with Kafka(folder / "data", port, free_port([port])) as engine:
        yield engine.bootstrap


@contextmanager
def contained_mongo(_folder: Path) -> Iterator[str]:
    """It listens on the port that clients use, so that the replica set announces the right address to them."""
    port = free_port()
    command = ["mongod", "--replSet", "rs0", "--bind_ip_all", "--port", str(port), *PROMISED]
    with _container("MONGO", MONGO_IMAGE, port, command):
        at = f"mongodb://{LOOPBACK}:{port}/?directConnection=true"
        with MongoClient[dict[str, object]](at, serverSelectionTimeoutMS=int(STARTS_WITHIN_S * 1000)) as client:
            client.admin.command(
                "replSetInitiate", {"_id": "rs0", "members": [{"_id": 0, "host": f"{LOOPBACK}:{port}"}]}
            )
            until(lambda: client.admin.command("hello")["isWritablePrimary"], STARTS_WITHIN_S)
        yield f"mongodb://{LOOPBACK}:{port}/?replicaSet=rs0"


@contextmanager
def contained_kafka(_folder: Path) -> Iterator[str]:
    port = free_port()
    controller = free_port([port])
    config = CONFIG.format(
        number=1, voters=f"1@127.0.0.1:{controller}", listen="0.0.0.0", port=port, advertised=port,
        controller=controller, copies=1, in_sync=1, log="/tmp/log",
    )  # fmt: skip
    script = (
        f"set -e; cat > /tmp/server.properties <<'END'\n{config}END\n"
        f"/opt/kafka/bin/kafka-storage.sh format -t {new_cluster_id()} -c /tmp/server.properties\n"
        "exec /opt/kafka/bin/kafka-server-start.sh /tmp/server.properties"
    )
    with _container("KAFKA", KAFKA_IMAGE, port, ["bash", "-c", script]):
        bootstrap = f"{LOOPBACK}:{port}"
        until(lambda: acknowledges(bootstrap, 1), STARTS_WITHIN_S)
        yield bootstrap


@contextmanager
def _container(engine: str, image: str, port: int, command: list[str]) -> Iterator[None]:
    from testcontainers.core.container import DockerContainer  # not installed where the rehearsal plays its stories

    run = {RUN_LABEL: os.environ.get("RELEVE_TEST_RUN", "")}
    made = DockerContainer(os.environ.get(f"RELEVE_IMAGE_{engine}", image)).with_command(command)
    made.with_kwargs(labels=run)
    made.ports[f"{port}/tcp"] = (LOOPBACK, port)  # type: ignore[assignment]  # not reachable from the machine's network
    with made:
        yield


@contextmanager
def given(variable: str, environ: Mapping[str, str] = os.environ) -> Iterator[str]:
    """Raises `KeyError` if the variable is not set."""
    yield environ[variable]


Start = Callable[[Path], AbstractContextManager[str]]
SOURCES: Mapping[str, tuple[Start, Start]] = {
    "local": (local_mongo, local_kafka),
    "containers": (contained_mongo, contained_kafka),
    "given": (lambda _: given("RELEVE_TEST_MONGO_URI"), lambda _: given("RELEVE_TEST_KAFKA")),
}
SOURCE = os.environ.get("RELEVE_TEST_ENGINES", "local")
start_mongo, start_kafka = SOURCES[SOURCE]
