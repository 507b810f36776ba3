"""The whole of Relève on this machine: the engines, both sides of every service, a mail sink, the gateway."""

import fcntl
import json
import os
import secrets
import socket
import sys
import time
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.gateway.render import SERVICES, Gateway, Rate, render
from deploy.local.engines import Envoy, Kafka, Mongo
from deploy.local.ports import require_free, saved_ports
from deploy.local.process import Engine, Process, StartError
from deploy.local.supervisor import Supervisor
from deploy.local.task import Task

ROOT = Path(__file__).resolve().parents[2]
SIDES = ("http", "worker")
PROCESSES = tuple(f"{service}-{side}" for service in SERVICES for side in SIDES)
DEFAULTS = {
    "RELEVE_WINDOW_MIN": "PT2S",
    "RELEVE_QUIET_HOURS": "none",
    "RELEVE_VERIFY_EMAIL": "false",
    "RELEVE_RATE_PERSON": "200/400",
    "RELEVE_RATE_ADDRESS": "1000/2000",
}
"""What the embedded default sets otherwise than the services themselves do."""
READY_WITHIN = 120.0


class System:
    """Everything, between entering and leaving `with`; several may run side by side on data of their own.

    `port` is the gateway's (None: a free one); `settings` are RELEVE_… variables for every service, of which
    RELEVE_MONGO_URI and RELEVE_KAFKA name engines to use instead of own ones. `say` gets a line for each event,
    `ready` the name of each part that is ready, with the seconds since the start; both are called from any thread.
    """

    def __init__(
        self, data: Path, port: int | None = None, settings: Mapping[str, str] | None = None, *,
        say: Callable[[str], None] = lambda line: None,
        ready: Callable[[str, float], None] = lambda name, seconds: None, root: Path = ROOT,
    ) -> None:  # fmt: skip
        self.data, self.root = data.absolute(), root
        self.settings = DEFAULTS | dict(settings or {})
        self.mails, self.logs = self.data / "mails", self.data / "logs"
        self.timings: dict[str, float] = {}
        """Seconds from the start until each part was ready."""
        self._say, self._ready, self._wanted_port = say, ready, port
        self._supervisor = Supervisor(say)
        self.failed = self._supervisor.failed
        """Set once an engine ended by itself; `say` got the reason."""
        self._engines: dict[str, Engine] = {}
        self._processes: dict[str, Process] = {}
        self._ports: dict[str, int] = {}
        self._lock = -1

    @property
    def port(self) -> int:
        """Where the gateway listens."""
        return self._wanted_port or self._ports["gateway"]

    @property
    def url(self) -> str:
        """The gateway's address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def mongo_uri(self) -> str:
        return self.settings.get("RELEVE_MONGO_URI") or f"mongodb://127.0.0.1:{self._ports['mongo']}/?replicaSet=rs0"

    @property
    def kafka(self) -> str:
        """The brokers' addresses, host:port, separated by commas."""
        return self.settings.get("RELEVE_KAFKA") or f"127.0.0.1:{self._ports['kafka']}"

    @property
    def processes(self) -> dict[str, int]:
        """What runs at this moment: name → process id."""
        every = [*(engine.process for engine in self._engines.values()), *self._processes.values()]
        return {process.name: process.pid for process in every if process.pid is not None}

    def port_of(self, name: str) -> int:
        """Where one process listens, `quotes-worker` for instance: its health, its metrics."""
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

    def stop(self, name: str, *, kill: bool = False) -> None:
        """Ends a service (`matching`), one side of it (`matching-worker`) or an engine (`kafka`), until `start`.

        With `kill` at once, as a power cut would.
        """
        parts = self._parts(name)
        for part in parts:
            self._supervisor.forget(part)
        self._each(parts, lambda part: self._end(part, kill))

    def start(self, name: str) -> None:
        """Starts again what `stop` ended, and returns once it is ready; raises StartError."""
        parts = self._parts(name)
        for part in parts:
            if part in self._engines:
                self._engines[part].start()
                self._supervisor.watch_engine(self._engines[part].process)
            else:
                self._processes[part].start()
        services = [part for part in parts if part in self._processes]
        self._until_ready(services, [])
        for part in services:
            self._supervisor.watch_service(self._processes[part])

    def close(self) -> None:
        """Ends everything: first who asks, then who answers."""
        if self._lock < 0:
            return  # what runs on this folder is another's
        self._supervisor.stop()
        (self.data / "state.json").unlink(missing_ok=True)
        self._each(["envoy"] if "envoy" in self._engines else [], self._end)
        self._each(self._processes, self._end)
        self._each([name for name in self._engines if name != "envoy"], self._end)
        os.close(self._lock)
        self._lock = -1

    # --- bringing it up

    def _bring_up(self) -> None:
        self._began = time.monotonic()
        self.data.mkdir(parents=True, exist_ok=True)
        self._take_lock()
        inner = ["gateway", "mongo", "kafka", "kafka-controller", "envoy-admin", "mail", *PROCESSES]
        self._ports = saved_ports(self.data / "ports.json", inner)
        require_free("Relève", self.port)
        tasks = self._start_engines()
        self._start_processes()
        self._until_ready([*PROCESSES, "mail"], tasks)
        self._start_gateway()
        for engine in self._engines.values():
            self._supervisor.watch_engine(engine.process)
        for process in self._processes.values():
            self._supervisor.watch_service(process)
        self._supervisor.start()
        self._done("gateway")
        state = {"url": self.url, "kafka": self.kafka, "mongo_uri": self.mongo_uri, "mails": str(self.mails),
                 "launcher": os.getpid()}  # fmt: skip
        (self.data / "state.json").write_text(json.dumps(state, indent=1) + "\n")

    def _take_lock(self) -> None:
        """One system on one folder: the lock lasts as long as any process of it, even without its launcher."""
        lock = os.open(self.data / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        # where the launcher was killed, its warden is still ending the rest
        until = time.monotonic() + (0 if self._has_launcher() else 15)
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._lock = lock
                return
            except BlockingIOError:
                if time.monotonic() > until:
                    os.close(lock)
                    raise StartError(
                        f"Relève runs already with the data in {self.data}: stop it, or choose others (RELEVE_DATA)."
                    ) from None
                time.sleep(0.1)

    def _has_launcher(self) -> bool:
        try:
            os.kill(json.loads((self.data / "state.json").read_text())["launcher"], 0)
        except (OSError, ValueError, KeyError):
            return False
        return True

    def _start_engines(self) -> list[Task]:
        if "RELEVE_MONGO_URI" not in self.settings:
            self._engines["mongo"] = Mongo(self.data / "mongo", self._ports["mongo"], self.logs)
        if "RELEVE_KAFKA" not in self.settings:
            self._engines["kafka"] = Kafka(
                self.data / "kafka", self._ports["kafka"], self._ports["kafka-controller"], self.logs
            )
        for engine in self._engines.values():
            engine.process.inherits = (self._lock,)
        tasks = [Task("kafka", self._start_kafka)]
        if "mongo" in self._engines:
            tasks.append(Task("mongo", lambda: self._timed("mongo", self._engines["mongo"].start)))
        return tasks

    def _start_kafka(self) -> None:
        if "kafka" in self._engines:
            self._timed("kafka", self._engines["kafka"].start)
        from contracts.topics import TOPICS
        from deploy.kafka.provision import ProvisionError, provision

        try:
            provision(self.kafka, TOPICS, int(self.settings.get("RELEVE_KAFKA_REPLICATION", "1")))
        except ProvisionError as error:
            raise StartError(f"Kafka cannot be used: {error}") from error
        self._done("topics")

    def _start_processes(self) -> None:
        self._add("mail", [sys.executable, "-m", "deploy.local.mailsink", str(self._ports["mail"]), str(self.mails)],
                  self._environment(), ROOT)  # fmt: skip
        for name in PROCESSES:
            service, side = name.split("-")
            environment = self._environment() | {"RELEVE_HTTP_PORT": str(self._ports[name])}
            self._add(name, [sys.executable, "-m", f"services.{service}.app", side], environment, self.root)

    def _add(self, name: str, command: list[str], environment: Mapping[str, str], cwd: Path) -> None:
        process = Process(name, command, self.logs / f"{name}.log", env=environment, cwd=cwd)
        process.inherits = (self._lock,)
        self._processes[name] = process
        process.start()

    def _environment(self) -> dict[str, str]:
        """What each service is told; the launcher's own RELEVE_… variables count only where they were handed in."""
        hidden = ("RELEVE_", "PYTHONDONTWRITEBYTECODE")  # byte code is kept: ten processes would make it anew
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
        return (
            inherited
            | {"PYTHONUNBUFFERED": "1"}
            | self._secrets()
            | self.settings
            | {
                "RELEVE_MONGO_URI": self.mongo_uri,
                "RELEVE_KAFKA": self.kafka,
                "RELEVE_SMTP": f"127.0.0.1:{self._ports['mail']}",
                "RELEVE_ACCOUNTS_URL": f"http://127.0.0.1:{self._ports['accounts-http']}",
                "RELEVE_PUBLIC_URL": self.settings.get("RELEVE_PUBLIC_URL", f"http://localhost:{self.port}"),
            }
        )

    def _secrets(self) -> dict[str, str]:
        """Drawn once and kept in a file that only its owner reads: what is blinded by one must stay comparable."""
        path = self.data / "secrets.json"
        if not path.exists():
            drawn = {"RELEVE_INTERNAL_TOKEN": secrets.token_hex(32), "RELEVE_BLIND_SECRET": secrets.token_hex(32)}
            draft = os.open(path.with_suffix(".part"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(draft, "w") as file:
                json.dump(drawn, file)
            path.with_suffix(".part").replace(path)
        return json.loads(path.read_text())

    def _start_gateway(self) -> None:
        try:
            settings = Gateway(
                port=self.port,
                admin_port=self._ports["envoy-admin"],
                person=Rate.parse(self.settings["RELEVE_RATE_PERSON"]),
                address_rate=Rate.parse(self.settings["RELEVE_RATE_ADDRESS"]),
                endpoints={name: [f"127.0.0.1:{self._ports[f'{name}-http']}"] for name in SERVICES},
            )
        except ValueError as error:
            raise StartError(f"The gateway's settings: {error}") from error
        config = self.data / "envoy.yaml"
        config.write_text(render(settings))
        envoy = Envoy(config, self.port, self._ports["envoy-admin"], self.logs)
        envoy.process.inherits = (self._lock,)
        self._engines["envoy"] = envoy
        envoy.start()
        envoy.process.wait_until(lambda: all(envoy.healthy(name) for name in SERVICES), 30, "seeing every service")

    # --- waiting and timing

    def _until_ready(self, names: Iterable[str], tasks: list[Task]) -> None:
        """Returns once each of `names` is ready and each task done; raises the first StartError."""
        until = time.monotonic() + READY_WITHIN
        pending = list(names)
        while pending or any(not task.done() for task in tasks):
            for name in list(pending):
                process = self._processes[name]
                if process.pid is None:
                    raise StartError(f"{name} ended with status {process.status} while starting: {process.tail()}")
                if self._is_ready(name):
                    pending.remove(name)
                    self._done(name)
            if time.monotonic() > until:
                late = pending or [task.name for task in tasks if not task.done()]
                tail = self._processes[late[0]].tail() if late[0] in self._processes else ""
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

    # --- ending

    def _parts(self, name: str) -> list[str]:
        every = [*self._engines, *self._processes]
        parts = [part for part in every if part == name or part in (f"{name}-http", f"{name}-worker")]
        if not parts:
            raise KeyError(f"{name}: not among {', '.join(every)}")
        return parts

    def _end(self, name: str, kill: bool = False) -> None:
        part = self._engines.get(name) or self._processes[name]
        if kill:
            part.kill()
        else:
            part.stop()

    @staticmethod
    def _each(names: Iterable[str], end: Callable[[str], None]) -> None:
        names = list(names)
        if names:
            with ThreadPoolExecutor(len(names)) as pool:
                list(pool.map(end, names))
