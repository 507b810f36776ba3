"""The system under load: its own, the one of `make run`, or an address that the operator owns."""

import ipaddress
import json
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from chassis.broker import Broker
from chassis.settings import broker
from deploy.local.running import known_settings
from deploy.local.system import System
from tests.kit import waves

OWN = {
    **waves.FIXED,
    "RELEVE_HASH_TIME_COST": "1",  # thousands of people sign up from one address before the clock starts
    "RELEVE_HASH_MEMORY_KIB": "64",
    "RELEVE_RATE_PERSON": "2000/4000",
    "RELEVE_RATE_ADDRESS": "100000/200000",
    "RELEVE_RATE_SIGN_IN": "100000/200000",
    "RELEVE_HASHES_WAITING": "1000",
}
SEED = "deploy.local.seed"
DOCKER = ipaddress.ip_network("172.16.0.0/12")


class NotYours(ValueError):
    """The address belongs neither to this machine nor to one of its Docker networks; the text gives advice."""


@dataclass
class Target:
    """The gateway's address and the known internals; ``processes`` maps names to process ids."""

    url: str
    described: str
    ca: str = ""
    kafka: Broker | None = None
    mongo_uri: str = ""
    prefix: str = "releve_"
    own: bool = False
    processes: Callable[[], Mapping[str, int]] = field(default=dict)


def check_address(url: str, *, owned: bool) -> None:
    """Raises `NotYours` for an address outside loopback and Docker, unless the operator confirms owning it."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise NotYours(f"{url!r} is no address of a gateway, such as http://localhost:8080.")
    try:
        found = {str(info[4][0]) for info in socket.getaddrinfo(parts.hostname, parts.port)}
    except OSError as error:
        raise NotYours(f"{parts.hostname} cannot be found: {error.strerror}") from error
    foreign = [address for address in found if not _is_near(address)]
    if foreign and not owned:
        raise NotYours(
            f"{parts.hostname} is {foreign[0]}: neither this machine nor one of its Docker networks. A load test may "
            "bring down what it meets. If you own that address, say so: --i-own-this-address."
        )


def _is_near(address: str) -> bool:
    number = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(number, "ipv4_mapped", None) or number
    return mapped.is_loopback or mapped in DOCKER


SOMEBODYS = ("RELEVE_PORT", "RELEVE_DATA", "RELEVE_MONGO_URI", "RELEVE_KAFKA", "RELEVE_DB_PREFIX", "RELEVE_SMTP")
"""Settings that may name a system in use; a load test's own system ignores them."""


@contextmanager
def own(data: Path, say: Callable[[str], None], environ: Mapping[str, str]) -> Iterator[Target]:
    """A new system in this folder, stopped afterwards; it uses its own engines, whatever ``environ`` names."""
    given = {name: value for name, value in environ.items() if name.startswith("RELEVE_")}
    kept = {name: value for name, value in given.items() if not name.startswith(SOMEBODYS)}
    with System(data, settings=OWN | kept, say=say) as system:
        yield Target(
            system.url, "a system of its own on this machine", kafka=Broker(system.kafka), mongo_uri=system.mongo_uri,
            own=True, processes=lambda: system.processes,
        )  # fmt: skip


def running(data: Path) -> Target:
    """The system of `make run` on this folder; raises `NotYours` if none is running."""
    try:
        state = json.loads((data / "state.json").read_text())
        launcher = int(state["launcher"])
        psutil.Process(launcher)
    except (OSError, ValueError, KeyError, psutil.NoSuchProcess) as error:
        raise NotYours(f"Nothing runs with the data in {data}: start it with `make run`.") from error
    return Target(
        state["url"], f"what `make run` runs with {data.name}", kafka=Broker(state["kafka"]),
        mongo_uri=state["mongo_uri"], processes=lambda: started_by(launcher),
    )  # fmt: skip


def named(url: str, ca: str, environ: Mapping[str, str]) -> Target:
    """A gateway at an address; its engines come from the environment or from `make run`."""
    known = known_settings(environ)
    state = _state(Path(environ.get("RELEVE_DATA") or ".releve"))
    if state.get("url", "").rstrip("/") != url and not environ.keys() & {"RELEVE_KAFKA", "RELEVE_MONGO_URI"}:
        known = dict(environ)
    return Target(
        url, url, ca, broker(known) if known.get("RELEVE_KAFKA") else None, known.get("RELEVE_MONGO_URI", ""),
        known.get("RELEVE_DB_PREFIX", "releve_"),
    )  # fmt: skip


def _state(data: Path) -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads((data / "state.json").read_text())
    except (OSError, ValueError):
        return {}
    return found


def started_by(launcher: int) -> dict[str, int]:
    """The processes of a system started by ``launcher``, by names derived from their commands.

    They are its children, and those of the process that forks (deploy/local/forked.py).
    """
    found: dict[str, int] = {}
    started = psutil.Process(launcher).children()
    started += [fork for process in started if SEED in _command(process) for fork in process.children()]
    for process in started:
        name = process_name(_command(process))
        if name:
            found[name if name not in found else f"{name}-{process.pid}"] = process.pid
    return found


def _command(process: psutil.Process) -> list[str]:
    try:
        return " ".join(process.cmdline()).split()  # a fork writes its command as one text
    except psutil.Error:
        return []


def process_name(command: list[str]) -> str:
    """`quotes-worker`, `mongo`, `kafka`, `envoy` or `mail`; empty for anything else."""
    text = " ".join(command)
    for word in command:
        if word.startswith("services.") and word.endswith(".app"):
            return f"{word.split('.')[1]}-{command[command.index(word) + 1]}"
    engines = {"mongod": "mongo", "kafka.Kafka": "kafka", "envoy": "envoy", "deploy.local.mailsink": "mail"}
    return next((name for word, name in engines.items() if word in text), "")
