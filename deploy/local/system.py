"""A complete local system: the engines, the processes of every service, a mail sink, the gateway."""

import os
import socket
import sys
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from contracts.parts import CALLED, DRAWN, GIVEN, WITH_HTTP, Part, part_of, variable_of
from deploy.gateway import documents
from deploy.gateway.render import Gateway, Rate, hops_of, origins_of, port_of, render
from deploy.local.engines import Envoy
from deploy.local.engines.cluster import at_once
from deploy.local.folder import Folder
from deploy.local.parts import Parts
from deploy.local.ports import require_free, saved_ports
from deploy.local.process import Process, StartError
from deploy.local.running import without_replaced
from deploy.local.shape import Shape
from deploy.local.supervisor import Supervisor
from deploy.local.task import Task

ROOT = Path(__file__).resolve().parents[2]
Command = Callable[[list[str]], list[str]]
"""Maps the usual command of a process to the one to run."""
UNLIMITED = {
    "RELEVE_SECOND_FACTOR": "false",
    "RELEVE_VERIFY_EMAIL": "false",
    "RELEVE_INVITED_AFTER": "PT0S",
    "RELEVE_OPEN_PROJECTS": "0",
    "RELEVE_POSTINGS_A_DAY": "0",
    "RELEVE_OPEN_CLAIMS": "0",
    "RELEVE_LAPSED_CLAIMS": "0",
    "RELEVE_QUOTES_A_DAY": "0",
    "RELEVE_LIMIT_MAIL_REQUESTS": "0",
    "RELEVE_LIMIT_INVITATIONS": "0",
    "RELEVE_LIMIT_GUESSES": "0",
    "RELEVE_LIMIT_OWN_PASSWORD": "0",
}
"""Everybody may act at once and without quotas, and operators without a second factor."""
DEFAULTS = {
    "RELEVE_WINDOW_MIN": "PT2S",
    "RELEVE_PROGRESS_EVERY": "PT2S",
    "RELEVE_QUIET_HOURS": "none",
    **UNLIMITED,
    "RELEVE_LIMIT_MAILS": "100",
    "RELEVE_ERASURE_DELAY": "PT0S",
    "RELEVE_RATE_PERSON": "200/400",
    "RELEVE_RATE_ADDRESS": "1000/2000",
    "RELEVE_RATE_SIGN_IN": "500/1000",
    "RELEVE_HASHES_WAITING": "200",
}
"""Settings whose default here differs from the services' own default."""
ONE = Shape()
"""One process of each kind."""
READY_WITHIN = 120.0
PEOPLE = "people.json"
"""The file with sample accounts in the data folder."""

KEPT = frozenset({"RELEVE_MONGO_URI", "RELEVE_KAFKA", *map(variable_of, (*DRAWN, *GIVEN))})
KEPT |= {f"{name}_FILE" for name in KEPT}
"""Variables passed only to the parts for which the registry lists them."""


class System:
    """A complete system that runs while its `with` block is active; several can run in parallel on separate data.

    `port` is the gateway's (None: a free one). `settings` are RELEVE_… variables for every service; RELEVE_MONGO_URI
    and RELEVE_KAFKA among them name engines to use instead of starting own ones. `shape` has the number of processes of
    each kind; `commands` replaces the commands of some processes. `say` gets a line per incident, `ready` the name of
    each part once it is ready, with the seconds since the start; both are called from any thread.
    """

    def __init__(
        self, data: Path, port: int | None = None, settings: Mapping[str, str] | None = None, *,
        shape: Shape = ONE, commands: Mapping[str, Command] | None = None,
        say: Callable[[str], None] = lambda line: None,
        ready: Callable[[str, float], None] = lambda name, seconds: None, root: Path = ROOT,
    ) -> None:  # fmt: skip
        self.data, self.root = data.absolute(), root
        self.settings = DEFAULTS | dict(settings or {})
        self.shape = shape
        self._commands = dict(commands or {})
        self.mails, self.logs = self.data / "mails", self.data / "logs"
        self.timings: dict[str, float] = {}
        """Seconds from the start until each part was ready, by name."""
        self._say, self._ready, self._wanted_port = say, ready, port
        self._supervisor = Supervisor(say)
        self.failed = self._supervisor.failed
        """Set once an engine has ended by itself; `say` got the reason."""
        self.parts = Parts()
        self._ports: dict[str, int] = {}
        self._folder = Folder(self.data)

    @property
    def port(self) -> int:
        """The gateway's port."""
        return self._wanted_port or self._ports["gateway"]

    @property
    def url(self) -> str:
        """The gateway's URL."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def operators_port(self) -> int:
        """The port of the operators' own listener; 0 without one. Raises StartError."""
        try:
            return port_of(self.settings.get("RELEVE_OPERATORS_PORT", "0"))
        except ValueError as error:
            raise StartError(str(error)) from error

    @property
    def mongo_uri(self) -> str:
        """The URI of the replica set."""
        return self.settings.get("RELEVE_MONGO_URI") or self.shape.mongo(self.data, self._ports, self.logs).uri

    @property
    def kafka(self) -> str:
        """The brokers' addresses, host:port, separated by commas."""
        return self.settings.get("RELEVE_KAFKA") or self.shape.kafka(self.data, self._ports, self.logs).bootstrap

    @property
    def processes(self) -> dict[str, int]:
        """The running processes: name → process id."""
        pids = {name: process.pid for name, process in self.parts.every().items()}  # read once: it may end meanwhile
        return {name: pid for name, pid in pids.items() if pid is not None}

    def port_of(self, name: str) -> int:
        """The URL of one process, such as `quotes-worker`, for its health and metrics."""
        return self._ports[name]

    def __enter__(self) -> Self:
        try:
            self._bring_up()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:  # fmt: skip
        self.close()

    def stop(self, *names: str, kill: bool = False) -> None:
        """Stops services (`matching`), their processes (`matching-worker`) or engines (`kafka`, `kafka-2`).

        With `kill`, it kills them immediately, like a power failure.
        """
        parts = self.parts.named(*names)
        for part in parts:
            self._supervisor.forget(part)
        self.parts.each(parts, Process.kill if kill else Process.stop)

    def start(self, *names: str) -> None:
        """Restarts what `stop` stopped, and returns once all of it is ready; raises StartError."""
        starts = {name: engine.start for name, engine in self.parts.wanted(*names).items()}
        if "kafka" in starts:
            starts["kafka"] = self._start_kafka
        tasks = [Task(name, start) for name, start in starts.items()]
        parts = self.parts.named(*names)
        services = [part for part in parts if part in self.parts.services]
        for part in services:
            self.parts.services[part].start()
        self._until_ready(services, tasks)
        self._watch(parts)

    @contextmanager
    def with_settings(self, name: str, settings: Mapping[str, str]) -> Iterator[None]:
        """Restarts one process of a service with these settings during the body, and as before after it; StartError."""
        process = self.parts.services[name]
        usual = process.env
        try:
            self._again(name, {**(usual or {}), **settings})
            yield
        finally:
            self._again(name, usual)

    def _again(self, name: str, environment: Mapping[str, str] | None) -> None:
        self.stop(name)
        self.parts.services[name].env = environment
        self.start(name)

    def let_end(self, *names: str) -> None:
        """Ignores the end of these processes until they are started again: it is no failure."""
        for part in self.parts.named(*names):
            self._supervisor.forget(part)

    def close(self) -> None:
        """Stops everything: clients before the servers they depend on."""
        if self._folder.lock < 0:
            return  # another system runs on this folder
        self._supervisor.stop()
        self._folder.tell_no_more()
        engines = self.parts.engines
        if envoy := engines.pop("envoy", None):
            envoy.stop()
        self.parts.each(self.parts.services, Process.stop)
        at_once(engines.values(), lambda engine: engine.stop())
        self._folder.leave()

    # --- starting

    def _bring_up(self) -> None:
        self._began = time.monotonic()
        self._folder.take()
        self._ports = saved_ports(self.data / "ports.json", self.shape.ports)
        require_free("Relève", self.port, *filter(None, [self.operators_port]))
        tasks = self._start_engines()
        self._start_processes()
        self._until_ready(self.parts.services, tasks)
        self._start_gateway()
        self._watch(self.parts.every())
        self._supervisor.start()
        self._done("gateway")
        self._folder.tell({"url": self.url, "kafka": self.kafka, "mongo_uri": self.mongo_uri, "mails": str(self.mails)})

    def _start_engines(self) -> list[Task]:
        if "RELEVE_MONGO_URI" not in self.settings:
            self.parts.engines["mongo"] = self.shape.mongo(self.data, self._ports, self.logs)
        if "RELEVE_KAFKA" not in self.settings:
            self.parts.engines["kafka"] = self.shape.kafka(self.data, self._ports, self.logs)
        for process in self.parts.every().values():
            self._adopt(process)
        tasks = [Task("kafka", self._start_kafka), Task("documents", _build_documents)]
        if "mongo" in self.parts.engines:
            tasks.append(Task("mongo", lambda: self._timed("mongo", self.parts.engines["mongo"].start)))
        return tasks

    def _start_kafka(self) -> None:
        if "kafka" in self.parts.engines:
            self._timed("kafka", self.parts.engines["kafka"].start)
        from contracts.topics import TOPICS
        from deploy.kafka.provision import ProvisionError, provision

        copies = self.settings.get("RELEVE_KAFKA_REPLICATION") or min(3, self.shape.brokers)
        try:
            provision(self.kafka, TOPICS, int(copies))
        except ProvisionError as error:
            raise StartError(f"Kafka cannot be used: {error}") from error
        self._done("topics")

    def _watch(self, parts: Iterable[str]) -> None:
        for part in parts:
            if part in self.parts.services:
                self._supervisor.watch_service(self.parts.services[part])
            else:
                self._supervisor.watch_engine(self.parts.every()[part])

    def _start_processes(self) -> None:
        self._add("mail", [sys.executable, "-m", "deploy.local.mailsink", str(self._ports["mail"]), str(self.mails)],
                  self._environment(), ROOT)  # fmt: skip
        for name, (part, side) in self.shape.processes.items():
            environment = self._environment(part_of(part)) | {"RELEVE_HTTP_PORT": str(self._ports[name])}
            self._add(name, [sys.executable, "-m", f"{part_of(part).package}.app", side], environment, self.root)

    def _add(self, name: str, command: list[str], environment: Mapping[str, str], cwd: Path) -> None:
        process = Process(name, command, self.logs / f"{name}.log", env=environment, cwd=cwd)
        self._adopt(process)
        process.forks = cwd == ROOT  # another tree has other code
        self.parts.services[name] = process
        process.start()

    def _adopt(self, process: Process) -> None:
        """Lets the process inherit the folder's lock, and sets its command."""
        process.inherits = (self._folder.lock,)
        process.wrap = self._commands.get(process.name, process.wrap)

    def _environment(self, part: Part | None = None) -> dict[str, str]:
        """The environment of a part; the launcher's own RELEVE_… variables count only if passed as settings.

        Secrets and the engines' addresses are passed only to the parts for which the registry lists them.
        """
        hidden = ("RELEVE_", "PYTHONDONTWRITEBYTECODE")  # byte code is cached, or each process would compile it
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
        every = (
            inherited
            | {"PYTHONUNBUFFERED": "1"}
            | without_replaced(self._folder.secrets(), self.settings)
            | self.settings
            | {
                "RELEVE_MONGO_URI": self.mongo_uri,
                "RELEVE_KAFKA": self.kafka,
                "RELEVE_SMTP": f"127.0.0.1:{self._ports['mail']}",
                **{f"RELEVE_{name.upper()}_URL": f"http://127.0.0.1:{self._ports[f'{name}-http']}" for name in CALLED},
                "RELEVE_API_URL": f"http://127.0.0.1:{self._ports['envoy-inner']}",
                "RELEVE_PEOPLE": str(self.data / PEOPLE),
                "RELEVE_PUBLIC_URL": self.settings.get("RELEVE_PUBLIC_URL", f"http://localhost:{self.port}"),
            }
        )
        unread = set(KEPT)
        if part:
            unread -= {variable_of(secret) + ending for secret in part.secrets for ending in ("", "_FILE")}
            unread -= {"RELEVE_MONGO_URI"} if part.database else set()
            unread -= {"RELEVE_KAFKA"} if part.on_kafka else set()
        return {name: value for name, value in every.items() if name not in unread}

    def _start_gateway(self) -> None:
        try:
            settings = Gateway(
                port=self.port,
                admin_port=self._ports["envoy-admin"],
                operators_port=self.operators_port,
                inner_port=self._ports["envoy-inner"],
                person=Rate.parse(self.settings["RELEVE_RATE_PERSON"]),
                address_rate=Rate.parse(self.settings["RELEVE_RATE_ADDRESS"]),
                sign_in=Rate.parse(self.settings["RELEVE_RATE_SIGN_IN"]),
                origins=origins_of(self.settings.get("RELEVE_ORIGINS", "")),
                trusted_hops=hops_of(self.settings.get("RELEVE_TRUSTED_HOPS", "0")),
                endpoints={name: [f"127.0.0.1:{self._ports[f'{name}-http']}"] for name in WITH_HTTP},
            )
        except ValueError as error:
            raise StartError(f"The gateway's settings: {error}") from error
        config = self.data / "envoy.yaml"
        config.write_text(render(settings))
        envoy = Envoy(config, self.port, self._ports["envoy-admin"], self.logs)
        self._adopt(envoy.process)
        self.parts.engines["envoy"] = envoy
        envoy.start()
        envoy.process.wait_until(lambda: all(envoy.healthy(name) for name in WITH_HTTP), 30, "seeing every service")

    # --- waiting and timing

    def _until_ready(self, names: Iterable[str], tasks: list[Task]) -> None:
        """Returns once each of `names` is ready and each task is done; raises the first StartError."""
        until = time.monotonic() + READY_WITHIN
        pending = list(names)
        while True:
            busy = [task.name for task in tasks if not task.done()]  # first: what waits for an engine says less
            for name in list(pending):
                process = self.parts.services[name]
                if process.pid is None:
                    raise StartError(f"{name} ended with status {process.status} while starting: {process.tail()}")
                if self._is_ready(name):
                    pending.remove(name)
                    self._done(name)
            if not pending and not busy:
                return
            if time.monotonic() > until:
                late = busy or pending
                tail = self.parts.services[late[0]].tail() if late[0] in self.parts.services else ""
                raise StartError(f"{', '.join(late)}: not ready after {READY_WITHIN:.0f} s. {tail}")
            time.sleep(0.05)

    def _is_ready(self, name: str) -> bool:
        try:
            if name == "mail":
                socket.create_connection(("127.0.0.1", self._ports[name]), 1).close()
                return True
            with urllib.request.urlopen(f"http://127.0.0.1:{self._ports[name]}/readyz", timeout=2) as answer:
                return answer.status == 200
        except OSError:  # not listening yet, or 503
            return False

    def _timed(self, name: str, start: Callable[[], None]) -> None:
        start()
        self._done(name)

    def _done(self, name: str) -> None:
        self.timings[name] = seconds = round(time.monotonic() - self._began, 2)
        self._ready(name, seconds)


def _build_documents() -> None:
    try:
        documents.built()
    except documents.NotBuilt as error:
        raise StartError(str(error)) from error
