"""How processes end: real processes and signals, on engines of their own that a test can take away."""

import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from kafka import KafkaProducer
from pymongo import MongoClient

from chassis import broker
from chassis.events import Envelope, encode, source_of
from chassis.ids import new_id
from contracts.events import CONTRACT
from contracts.parts import DRAWN, WITH_HTTP, variable_of
from contracts.topics import TOPICS
from deploy.gateway.render import Gateway, Rate, render
from deploy.kafka.provision import provision
from deploy.local.engines import Envoy, Kafka, Mongo
from deploy.local.ports import free_port
from deploy.local.process import Process
from stories.nestle_waters import ORGANISATION
from stories.people import PASSWORD, Person, about, client
from tests.kit.examples import live_example
from tests.kit.keys import MASTER_KEYS
from tests.kit.signals import pause, resume
from tests.kit.waiting import until

GONE_WITHIN_S = 5.0
"""The promised maximum from the signal to the end of the process."""
STREAMS = 20
CLIENTS = 8
MANY = Rate(100_000, 100_000)
PROJECT = {"title": "Comprendre la donnée", **about(["data-literacy"]), "languages": ["fr"]}


class World:
    """The processes of one test, on databases of its own."""

    def __init__(self, mongo: Mongo, folder: Path, root: Path) -> None:
        self.mongo, self.prefix = mongo, f"stop_{new_id().replace('-', '_')}_"
        self.kafka = "127.0.0.1:1"  # no broker: HTTP sides do without
        self.accounts_port = free_port()
        self._folder, self._root, self._numbers = folder, root, count(1)
        self._running: list[Process] = []

    def start(self, service: str, side: str = "http", port: int | None = None, **settings: str) -> Process:
        """Starts one side of a service and returns it once it is ready; its address is `url`."""
        port = port or (self.accounts_port if service == "accounts" else free_port([self.accounts_port]))
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("RELEVE_")}
        said = {
            "RELEVE_MONGO_URI": self.mongo.uri,
            "RELEVE_KAFKA": self.kafka,
            "RELEVE_DB_PREFIX": self.prefix,
            "RELEVE_HTTP_PORT": str(port),
            "RELEVE_ACCOUNTS_URL": f"http://127.0.0.1:{self.accounts_port}",
            **{variable_of(secret): secret for secret in DRAWN},
            **MASTER_KEYS,
            "RELEVE_VERIFY_EMAIL": "false",
            "RELEVE_INVITED_AFTER": "PT0S",
            "RELEVE_POSTINGS_A_DAY": "0",
            "RELEVE_OPEN_PROJECTS": "0",
            "RELEVE_HASH_TIME_COST": "1",
            "RELEVE_HASH_MEMORY_KIB": "8",
        }
        name = f"{service}-{side}-{next(self._numbers)}"
        command = [sys.executable, "-m", f"services.{service}.app", side]
        process = Process(name, command, self._folder / f"{name}.log", env=inherited | said | settings, cwd=self._root)
        process.start()
        self._running.append(process)
        process.wait_until(lambda: answers(self.url(process)), 60)
        return process

    @staticmethod
    def url(process: Process) -> str:
        return f"http://127.0.0.1:{(process.env or {})['RELEVE_HTTP_PORT']}"

    def ended(self, process: Process, began: float) -> float:
        """Seconds from the signal to a clean end of the process: status 0 and no traceback."""
        until(lambda: process.status is not None)
        took = time.monotonic() - began
        print(f"{process.name} ended after {took:.2f} s")
        assert process.status == 0
        assert "Traceback" not in process.log.read_text()
        return took

    def cut_off(self) -> int:
        """Number of transactions that MongoDB has aborted so far."""
        with MongoClient[dict[str, Any]](self.mongo.uri) as admin:
            return int(admin.admin.command("serverStatus")["transactions"]["totalAborted"])

    def close(self) -> None:
        for process in self._running:
            process.kill()
        with MongoClient[dict[str, Any]](self.mongo.uri) as admin:
            for name in admin.list_database_names():
                if name.startswith(self.prefix):
                    admin.drop_database(name)


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def send_signal(process: Process, number: int, group: bool = False) -> float:
    """Sends the signal to the process, as Docker does, or to its group, as a terminal does; returns the time of it."""
    assert process.pid
    began = time.monotonic()
    (os.killpg if group else os.kill)(process.pid, number)
    return began


def child_of(process: Process) -> int:
    """The one child process that serves requests."""
    (child,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return int(child)


def assert_refused(answer: httpx.Response) -> None:
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:releve:problem:unavailable"
    assert int(answer.headers["retry-after"]) > 0
    assert answer.headers["connection"] == "close"
    assert answer.headers["x-releve-draining"] == "true"


@pytest.fixture(scope="module")
def own_mongo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mongo]:
    """An instance that a test may stop."""
    with Mongo(tmp_path_factory.mktemp("stop") / "mongo", free_port()) as mongo:
        yield mongo


@pytest.fixture(scope="module")
def own_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """A broker that a test may stop, with its topics."""
    port = free_port()
    with Kafka(tmp_path_factory.mktemp("stop") / "kafka", port, free_port([port])) as kafka:
        provision(kafka.bootstrap, TOPICS)
        yield kafka


@pytest.fixture
def world(own_mongo: Mongo, tmp_path: Path, root: Path) -> Iterator[World]:
    world = World(own_mongo, tmp_path, root)
    yield world
    world.close()


@pytest.fixture(params=broker.CLIENTS)
def worker(request: pytest.FixtureRequest, world: World, own_kafka: Kafka) -> Process:
    """The worker of quotes: relay, consumer and timers, with each library for Kafka in turn."""
    world.kafka = own_kafka.bootstrap
    return world.start("quotes", "worker", RELEVE_KAFKA_CLIENT=request.param)


# HTTP


class Streams:
    """Clients that follow their notifications, each stream read in its own thread until it ends."""

    def __init__(self, world: World, notify: Process, number: int) -> None:
        self._notify, self._first = notify, threading.Semaphore(0)
        accounts = world.start("accounts")
        people = [Person(world.url(accounts), "mentor", f"Mentor {n}").join() for n in range((number + 2) // 3)]
        self._pool = ThreadPoolExecutor(number)
        self.ends = [self._pool.submit(self._read, people[n % len(people)], world.url(notify)) for n in range(number)]
        for _ in self.ends:
            assert self._first.acquire(timeout=60)

    def _read(self, person: Person, url: str) -> str:
        header = {"Authorization": person.http.headers["Authorization"]}
        with httpx.stream("GET", f"{url}/api/notifications/stream", headers=header, timeout=60) as answer:
            text = ""
            for piece in answer.iter_text():  # raises where the stream is cut off instead of ended
                text += piece
                self._first.release()
            return text


@pytest.mark.parametrize(("number", "group"), [(signal.SIGTERM, False), (signal.SIGTERM, True), (signal.SIGINT, True)])
def test_open_streams_end_cleanly_and_the_process_ends_in_time(world: World, number: int, group: bool) -> None:
    notify = world.start("notify")
    streams = Streams(world, notify, STREAMS)
    began = send_signal(notify, number, group)
    assert {end.result(60) for end in streams.ends} == {"retry: 2000\nid: at-0\n\n"}
    print(f"{STREAMS} streams ended after {time.monotonic() - began:.2f} s")
    assert world.ended(notify, began) < GONE_WITHIN_S


def test_child_signalled_alone_ends_cleanly_and_is_replaced(world: World) -> None:
    notify = world.start("notify")
    streams, child = Streams(world, notify, 3), child_of(notify)
    os.kill(child, signal.SIGTERM)
    assert {end.result(60) for end in streams.ends} == {"retry: 2000\nid: at-0\n\n"}
    until(lambda: not Path(f"/proc/{child}").exists() and answers(world.url(notify)))
    assert child_of(notify) != child
    world.ended(notify, send_signal(notify, signal.SIGTERM))


def test_requests_in_flight_are_answered_while_new_ones_are_refused(world: World) -> None:
    accounts = world.start("accounts")
    late, early, first = (Person(world.url(accounts), "mentor", name) for name in ("Late", "Early", "First"))
    body = {"email": early.email, "password": PASSWORD, "role": "mentor", "display_name": "Early", "locale": "fr"}
    # beginning a session that MongoDB has not seen before would already wait
    there = first.post("/api/accounts", body | {"email": first.email})
    with MongoClient[dict[str, Any]](world.mongo.uri) as admin, ThreadPoolExecutor() as pool, ExitStack() as unlock:
        stored = admin[f"{world.prefix}accounts"].accounts
        admin.admin.command("fsync", lock=True)  # as for a backup: writes wait
        unlock.callback(admin.admin.command, "fsyncUnlock")
        in_hand = pool.submit(early.post, "/api/accounts", body)
        until(lambda: [one for one in admin.admin.aggregate([{"$currentOp": {}}]) if one.get("waitingForLock")])
        began = send_signal(accounts, signal.SIGTERM)
        until(lambda: late.get("/healthz").status_code != 200)
        assert_refused(late.get("/healthz"))
        assert_refused(late.get("/readyz"))
        assert_refused(late.post("/api/accounts", body | {"email": late.email, "display_name": "x" * 500_000}))
        assert not in_hand.done()
        unlock.close()
        answer = in_hand.result(60)
        assert answer.status_code == 201
        assert answer.headers["connection"] == "close"
        assert "x-releve-draining" not in answer.headers, "a request that took effect must not be retried"
        world.ended(accounts, began)
        assert {row["_id"] for row in stored.find()} == {there.json()["id"], answer.json()["id"]}


def is_gone(pid: int) -> bool:
    """Whether a process has ended, even if it has not been reaped yet."""
    try:
        return ") Z " in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True


def test_second_signal_ends_the_process_immediately(world: World) -> None:
    accounts = world.start("accounts")
    child = child_of(accounts)
    began = send_signal(accounts, signal.SIGTERM)
    until(lambda: httpx.get(f"{world.url(accounts)}/healthz").status_code == 503)
    send_signal(accounts, signal.SIGINT)
    until(lambda: accounts.status is not None)
    print(f"ended after {time.monotonic() - began:.2f} s")
    assert accounts.status == 128 + signal.SIGINT
    until(lambda: is_gone(child))


def test_request_waiting_for_a_silent_database_does_not_delay_the_end(world: World) -> None:
    accounts = world.start("accounts")
    person = Person(world.url(accounts), "mentor", "Waiting")
    with ThreadPoolExecutor() as pool, ExitStack() as back:
        pause(world.mongo.process)
        back.callback(resume, world.mongo.process)
        waiting = pool.submit(person.get, "/readyz")
        until(lambda: not answers(world.url(accounts)))  # requests received later have waited for five seconds
        assert world.ended(accounts, send_signal(accounts, signal.SIGTERM)) < GONE_WITHIN_S
        back.close()
        with suppress(httpx.TransportError):
            waiting.result(60)


# a rolling upgrade


class Traffic:
    """Clients that read and post without a pause, and the answers that they got."""

    def __init__(self, clients: list[Person]) -> None:
        self.answers: Counter[tuple[str, int | str]] = Counter()
        self.posted: list[str] = []
        self._ended = threading.Event()
        self._pool = ThreadPoolExecutor(len(clients))
        self._running = [self._pool.submit(self._run, one.http) for one in clients]

    def _run(self, http: httpx.Client) -> None:
        while not self._ended.is_set():
            self._note("GET", lambda: http.get("/api/projects?limit=1"))
            key = {"Idempotency-Key": new_id()}
            answer = self._note("POST", lambda: http.post("/api/projects", json=PROJECT, headers=key))  # noqa: B023
            if answer is not None and answer.status_code == 201:
                self.posted.append(answer.json()["id"])

    def _note(self, method: str, ask: Callable[[], httpx.Response]) -> httpx.Response | None:
        try:
            answer = ask()
        except httpx.TransportError as error:
            self.answers[method, type(error).__name__] += 1
            return None
        self.answers[method, answer.status_code] += 1
        assert not {name for name in answer.headers if name.startswith(("x-releve", "x-envoy"))}
        return answer

    @property
    def total(self) -> int:
        return sum(self.answers.values())

    def stop(self) -> None:
        self._ended.set()
        for one in self._running:
            one.result(60)


def test_behind_the_gateway_replacing_instances_is_invisible_to_clients(world: World, tmp_path: Path) -> None:
    accounts = world.start("accounts")
    one, two = world.start("projects"), world.start("projects")
    places = {"accounts": [accounts], "projects": [one, two]}
    nowhere = [f"127.0.0.1:{free_port()}"]
    endpoints = {name: [world.url(p).removeprefix("http://") for p in places.get(name, [])] or nowhere
                 for name in WITH_HTTP}  # fmt: skip
    port, admin = free_port(), free_port()
    gateway = Gateway(port=port, admin_port=admin, endpoints=endpoints, person=MANY, address_rate=MANY)
    (tmp_path / "envoy.yaml").write_text(render(gateway))

    def healthy(number: int) -> bool:
        lines = httpx.get(f"http://127.0.0.1:{admin}/clusters").text.splitlines()
        return number == sum(line.startswith("projects::") and line.endswith("_flags::healthy") for line in lines)

    with Envoy(tmp_path / "envoy.yaml", port, admin) as envoy:
        until(lambda: healthy(2) and envoy.healthy("accounts"))
        until(lambda: httpx.get(f"{envoy.url}/api/projects").status_code == 401)
        traffic = Traffic([client(envoy.url, ORGANISATION) for _ in range(CLIENTS)])

        def go_on(number: int = 100) -> None:
            seen = traffic.total
            until(lambda: traffic.total >= seen + number)

        for old in (one, two):
            go_on()
            world.ended(old, send_signal(old, signal.SIGTERM))
            go_on()
            world.start("projects", port=int((old.env or {})["RELEVE_HTTP_PORT"]))
            until(lambda: healthy(2))
        go_on()
        traffic.stop()
        stats = httpx.get(f"http://127.0.0.1:{admin}/stats?filter=cluster.projects.upstream_rq_retry").text
        print(traffic.answers, stats)
    assert traffic.answers.keys() == {("GET", 200), ("POST", 201)}
    with MongoClient[dict[str, Any]](world.mongo.uri) as mongo:
        stored = {row["_id"] for row in mongo[f"{world.prefix}projects"].projects.find({}, {"_id": 1})}
    assert stored == set(traffic.posted), "exactly the acknowledged projects are stored"
    assert len(stored) == len(traffic.posted)


# the worker


@pytest.mark.parametrize("how", ["ended", "silent"])
@pytest.mark.parametrize("gone", ["MongoDB", "Kafka"])
def test_worker_ends_in_time_without_an_engine(
    world: World, worker: Process, own_kafka: Kafka, gone: str, how: str
) -> None:
    engine = own_kafka if gone == "Kafka" else world.mongo
    with ExitStack() as back:
        if how == "ended":
            engine.kill()
            back.callback(engine.start)
            until(lambda: "_wait" in worker.log.read_text())
        else:
            pause(engine.process)
            back.callback(resume, engine.process)
        assert world.ended(worker, send_signal(worker, signal.SIGTERM)) < GONE_WITHIN_S


def test_stopping_worker_is_not_ready(world: World, worker: Process) -> None:
    pause(world.mongo.process)
    try:
        began = send_signal(worker, signal.SIGTERM)
        until(lambda: httpx.get(f"{world.url(worker)}/readyz").status_code == 503)
    finally:
        resume(world.mongo.process)
    world.ended(worker, began)


def test_handler_in_flight_is_finished_and_takes_effect_once(world: World, worker: Process) -> None:
    with MongoClient[dict[str, Any]](world.mongo.uri) as other:
        rounds, cut_off, project = other[f"{world.prefix}quotes"].rounds, world.cut_off(), new_id()
        with other.start_session() as session, session.start_transaction():
            rounds.insert_one({"_id": project}, session=session)  # the handler cannot write until this transaction ends
            post_project(world.kafka, project)
            until(lambda: world.cut_off() > cut_off)
            began = send_signal(worker, signal.SIGTERM)
            until(lambda: httpx.get(f"{world.url(worker)}/readyz").status_code == 503)
            session.abort_transaction()
        world.ended(worker, began)
        round = rounds.find_one({"_id": project})
        assert round is not None, "the event in flight was handled before the end"
        world.start("quotes", "worker")
        later = post_project(world.kafka, new_id())
        until(lambda: rounds.count_documents({"_id": later}))
        assert rounds.find_one({"_id": project}) == round, "the event was not handled again"


def post_project(kafka: str, project: str) -> str:
    """Publishes project.posted for this project, as projects would; returns its id."""
    now = datetime.now(UTC)
    data = live_example("project.posted", now)
    posted = Envelope(new_id(), source_of("projects"), "project.posted", 1, project, 1, now, data)
    key, value, headers = encode(posted)
    producer = KafkaProducer(bootstrap_servers=kafka)
    producer.send(CONTRACT.topic("projects", "project.posted"), key=key, value=value, headers=headers).get(timeout=30)
    producer.close(timeout=10)
    return project
