"""The setting that selects the library for Kafka."""

from collections.abc import Mapping

import pytest
from kafka import TopicPartition
from kafka.errors import KafkaTimeoutError

from chassis.broker import CONFLUENT_KAFKA, KAFKA_PYTHON
from chassis.broker.clients import BrokerError
from chassis.broker.with_kafka_python import KafkaPythonClients, has_read_to
from chassis.broker.with_librdkafka import LibrdkafkaClients, options
from chassis.settings import BadSetting, broker
from chassis.telemetry import error_name

SERVERS = {"RELEVE_KAFKA": "kafka:9092"}


@pytest.mark.parametrize(
    ("value", "made"),
    [(None, KafkaPythonClients), ("", KafkaPythonClients), (KAFKA_PYTHON, KafkaPythonClients),
     (CONFLUENT_KAFKA, LibrdkafkaClients)],
)  # fmt: skip
def test_setting_selects_the_library(value: str | None, made: type) -> None:
    chosen = {} if value is None else {"RELEVE_KAFKA_CLIENT": value}
    assert type(broker(SERVERS | chosen).clients()) is made


class Positions:
    """What `has_read_to` asks of a consumer."""

    def __init__(self, known: Mapping[TopicPartition, int]) -> None:
        self.position = known.get


@pytest.mark.parametrize(
    ("position", "end", "read"), [(None, 0, False), (None, 3, False), (0, 0, True), (2, 3, False), (3, 3, True)]
)
def test_partition_whose_beginning_is_not_known_yet_is_not_read(position: int | None, end: int, read: bool) -> None:
    known, other = TopicPartition("topic", 0), TopicPartition("topic", 1)
    positions = {known: 5} | ({} if position is None else {other: position})
    assert has_read_to(Positions(positions), {known: 5, other: end}) == read  # type: ignore[arg-type]


def test_unknown_library_is_refused() -> None:
    with pytest.raises(BadSetting, match="RELEVE_KAFKA_CLIENT='kafka' must be kafka-python or confluent-kafka"):
        broker(SERVERS | {"RELEVE_KAFKA_CLIENT": "kafka"})


@pytest.mark.parametrize(
    ("user", "ca", "protocol"),
    [("", "", None), ("me", "", "SASL_PLAINTEXT"), ("", "ca.pem", "SSL"), ("me", "ca.pem", "SASL_SSL")],
)
def test_both_libraries_connect_by_the_same_protocol(user: str, ca: str, protocol: str | None) -> None:
    settings = SERVERS | {"RELEVE_KAFKA_USER": user, "RELEVE_KAFKA_PASSWORD": "secret", "RELEVE_KAFKA_CA": ca}
    theirs, ours = options("kafka:9092", user, "secret", ca), broker(settings).options()
    assert theirs.get("security.protocol") == ours.get("security_protocol") == protocol
    assert theirs.get("sasl.mechanism") == ours.get("sasl_mechanism") == ("SCRAM-SHA-512" if user else None)
    assert theirs.get("ssl.ca.location") == ours.get("ssl_cafile") == (ca or None)


def test_logs_show_the_error_of_the_library() -> None:
    assert error_name(BrokerError("text", behind=KafkaTimeoutError())) == "kafka.errors.KafkaTimeoutError"
    assert error_name(BrokerError("text", code=-185)) == "chassis.broker.clients.BrokerError(-185)"
