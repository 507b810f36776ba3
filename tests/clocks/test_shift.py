"""A shifted clock: every engine sees the shifted date, and the duration of waits is unchanged."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx
import pytest
from kafka import KafkaAdminClient, KafkaProducer
from pymongo import MongoClient

from contracts.parts import WITH_HTTP
from deploy.gateway.render import Gateway, render
from deploy.local.engines import Envoy, Kafka, Mongo
from deploy.local.ports import free_port
from tests.clocks.shim import NoCompiler, build, compiler, shifted

MONGO_ENDS = datetime.fromtimestamp(2**31, UTC)
"""MongoDB's cluster time has 31 bits of seconds."""
YEARS = min(timedelta(days=2400), timedelta(days=(MONGO_ENDS - datetime.now(UTC)).days // 2))
NEAR = timedelta(seconds=60)
WAITS = [
    "clock_nanosleep", "pthread_cond_timedwait", "pthread_cond_clockwait", "pthread_mutex_timedlock",
    "pthread_mutex_clocklock", "pthread_rwlock_timedrdlock", "pthread_rwlock_timedwrlock", "sem_timedwait",
    "sem_clockwait", "timerfd_settime", "futex",
]  # fmt: skip
PYTHON = """\
import datetime, threading, time
began = time.monotonic()
time.sleep(0.1)
threading.Event().wait(0.1)
assert 0.2 <= time.monotonic() - began < 20
print(time.time(), time.time_ns() / 1e9, datetime.datetime.now().timestamp(), sep="\\n")
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        return build(tmp_path_factory.mktemp("shift"))
    except NoCompiler as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def waits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program `waits.c`."""
    program = tmp_path_factory.mktemp("waits") / "waits"
    try:
        subprocess.run([compiler(), "-pthread", "-o", program, Path(__file__).with_name("waits.c")], check=True)
    except NoCompiler as error:
        pytest.skip(str(error))
    return program


@pytest.fixture
def in_years(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes started meanwhile see a date years later."""
    for name, value in shifted(library, YEARS, os.environ).items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "openapi.json").write_text('{"openapi": "3.1.0"}')
    return tmp_path


def assert_years_later(date: datetime) -> None:
    assert abs(date - (datetime.now(UTC) + YEARS)) < NEAR


@pytest.mark.parametrize("by", [YEARS, -YEARS], ids=["later", "earlier"])
@pytest.mark.parametrize("name", WAITS)
def test_wait_until_a_date_keeps_its_duration(library: Path, waits: Path, name: str, by: timedelta) -> None:
    env = shifted(library, by, os.environ)
    done = subprocess.run([waits, name], env=env, stdout=subprocess.PIPE, timeout=30, check=True)
    assert 190 <= int(done.stdout) < 20_000


@pytest.mark.usefixtures("in_years")
def test_python_sees_the_shifted_date() -> None:
    done = subprocess.run([sys.executable, "-c", PYTHON], stdout=subprocess.PIPE, timeout=60, check=True)
    for line in done.stdout.split():
        assert_years_later(datetime.fromtimestamp(float(line), UTC))


@pytest.mark.usefixtures("in_years")
def test_mongodb_sees_the_shifted_date(folder: Path) -> None:
    with Mongo(folder / "data", free_port()) as mongo, MongoClient[dict[str, datetime]](mongo.uri) as client:
        assert_years_later(client.admin.command("hello")["localTime"].replace(tzinfo=UTC))


@pytest.mark.usefixtures("in_years")
def test_kafka_sees_the_shifted_date(folder: Path) -> None:
    port = free_port()
    with Kafka(folder / "data", port, free_port([port])) as kafka:
        admin = KafkaAdminClient(bootstrap_servers=kafka.bootstrap)
        stamped = {"num_partitions": 1, "replication_factor": 1, "configs": {"message.timestamp.type": "LogAppendTime"}}
        admin.create_topics({"stamped": stamped})
        admin.close()
        producer = KafkaProducer(bootstrap_servers=kafka.bootstrap)
        kept = producer.send("stamped", b"1").get(timeout=30)
        producer.close()
    assert_years_later(datetime.fromtimestamp(kept.timestamp / 1000, UTC))


@pytest.mark.usefixtures("in_years")
def test_envoy_sees_the_shifted_date(folder: Path) -> None:
    port = free_port()
    nobody = {name: ["127.0.0.1:1"] for name in WITH_HTTP}
    gateway = Gateway(port=port, admin_port=free_port([port]), endpoints=nobody, documents=folder)
    (folder / "envoy.yaml").write_text(render(gateway))
    with Envoy(folder / "envoy.yaml", port, gateway.admin_port) as envoy:
        answer = httpx.get(f"{envoy.url}/healthz")
    assert_years_later(parsedate_to_datetime(answer.headers["date"]))
