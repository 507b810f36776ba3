"""The rehearsal's steps on a running stack: each function is one step and returns a remark for the table.

A failed step raises an exception.
"""

import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from contracts.parts import PARTS, part_of
from deploy.docker import ROOT, DockerError, docker
from deploy.images.__main__ import build, size
from deploy.renew import renew
from deploy.stack import Stack, wait
from tests.rehearsal.load import Load
from tests.rehearsal.market import Market
from tests.rehearsal.newer import FIELD, make_newer

COPIES = 3
SOURCES = 5
"""Number of the exporter's sources: topic ends, lag, dead letters, databases, certificates."""
METRICS = "import ssl, urllib.request; trusted = ssl.create_default_context(cafile='/run/secrets/inside_ca'); " \
    "page = urllib.request.urlopen('https://localhost:8000/metrics', context=trusted); " \
    "lines = page.read().decode().splitlines(); "  # fmt: skip
"""The beginning of a program that runs in a container of ours."""


class Broken(Exception):
    """A step failed."""


def hold(true: bool, what: str) -> None:
    """Raises Broken with the text `what` unless `true`."""
    if not true:
        raise Broken(what)


def inside(stack: Stack, *command: str, timeout: float = 600) -> str:
    """Runs a command in the containers' network and returns its output."""
    return stack.compose("run", "--rm", "--no-deps", "-T", "inside", *command, timeout=timeout)


def look(stack: Stack, *command: str) -> str:
    """The output of a command of tests/rehearsal/inside.py."""
    return inside(stack, "python", "-m", "tests.rehearsal.inside", *command).strip().splitlines()[-1]


def story(stack: Stack) -> str:
    """Plays the story of Nestlé Waters through the gateway over TLS and observes it on the topics."""
    told = inside(stack, "python", "-m", "tests.rehearsal.inside", "story")
    return f"{told.count('✓')} steps held"


def stories(stack: Stack) -> str:
    """Runs tests/stories, except stories that stop and start processes: other steps do that with containers."""
    with followed(stack, Path(stack.variables["RELEVE_TEST_LOGS"])):
        said = inside(stack, "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/stories", timeout=2_400)
    return said.strip().splitlines()[-1].strip("= ")


@contextmanager
def followed(stack: Stack, folder: Path) -> Iterator[None]:
    """Writes the logs of the services' and the gateway's containers to files of this folder, by container name."""
    names = [name for part in PARTS for name in part.processes]
    with ExitStack() as followers:
        for name in (*names, "gateway"):
            (container,) = stack.containers(name)
            log = followers.enter_context((folder / f"{name}.log").open("wb"))
            follower = subprocess.Popen(["docker", "logs", "--follow", container], stdout=log, stderr=log)
            followers.callback(follower.wait)
            followers.callback(follower.terminate)
        yield


def fences(stack: Stack) -> str:
    """Checks that quotes is refused every action beyond its rights."""
    program = (ROOT / "tests/rehearsal/fences.py").read_text()
    doors = json.loads(docker("exec", stack.containers("quotes-worker")[0], "python", "-c", program).splitlines()[-1])
    hold(not doors, f"quotes {', '.join(doors)}")
    return "refused: foreign topics, groups, databases, its own files"


def image(name: str, version: str) -> str:
    """Checks that an image holds only its service, packages, chassis and contracts; returns its size."""
    tag = f"releve-{name}:{version}"
    program = "import json, os; " \
        "print(json.dumps([os.path.join(at, file) for at, _, files in os.walk('/app') for file in files]))"  # fmt: skip
    files = json.loads(docker("run", "--rm", "--network", "none", "--entrypoint", "python", tag, "-c", program))
    own = ("/app/chassis/", "/app/contracts/", f"/app/{part_of(name).folder}/", "/app/services/__")
    strange = [file for file in files if not file.startswith(own) or "test" in file.rpartition("/")[2]]
    hold(not strange, f"{tag} holds {strange[:5]}")
    look_at = "import json; print(len(json.load(open('/venv/sbom.json'))['components']))"
    listed = docker("run", "--rm", "--network", "none", "--entrypoint", "python", tag, "-c", look_at).strip()
    user = docker("image", "inspect", "--format", "{{.Config.User}}", tag).strip()
    hold(user == "10001:10001", f"{tag} runs as {user}")
    return f"{name} {size(tag):.0f} MB, {listed} packages"


def watch(stack: Stack) -> str:
    """Checks our part of the profile `monitoring`: the exporter reads every engine as its own user."""
    stack.compose("--profile", "monitoring", "up", "--detach", "--wait", "--no-deps", "exporter")
    program = METRICS + "print(*[one for one in lines if one.startswith('releve_exporter_source_up{')], sep='|')"
    told = lambda: docker("exec", stack.containers("exporter")[0], "python", "-c", program).strip()  # noqa: E731
    wait(lambda: told().count("} 1.0") == SOURCES, f"the exporter reads all of {SOURCES} sources")
    return f"{SOURCES} sources are read"


def crash(container: str) -> None:
    """Kills a container's process as in a crash, so that its restart policy applies."""
    os.kill(int(docker("inspect", "--format", "{{.State.Pid}}", container)), signal.SIGKILL)


def lose(stack: Stack, market: Market, part: str, whole: Callable[[], bool]) -> str:
    """Crashes the container of `part` during a project, which must still end; then waits until `whole`."""
    project = market.post()
    market.quote(project, 0)
    refused, container = market.refused, stack.containers(part)[0]
    crash(container)
    began = time.monotonic()
    market.finish(project)
    done = time.monotonic() - began
    wait(lambda: stack.healthy([container]) and whole(), f"{part} is back")
    return f"ended after {done:.0f} s, {market.refused - refused} answers meanwhile were errors, " \
           f"whole after {time.monotonic() - began:.0f} s"  # fmt: skip


def lose_broker(stack: Stack, market: Market) -> str:
    """Crashes one of three brokers."""
    return lose(stack, market, "kafka-1", lambda: look(stack, "replicas") == "0")


def lose_primary(stack: Stack, market: Market) -> str:
    """Crashes the MongoDB primary."""
    return lose(stack, market, primary(stack), lambda: bool(primary(stack)))


def lose_service(stack: Stack, market: Market) -> str:
    """Crashes the only HTTP container of quotes."""
    return lose(stack, market, "quotes-http", lambda: len(stack.seen_by_gateway("quotes")) == 1)


def primary(stack: Stack) -> str:
    """The name of the MongoDB primary as a service sees it; empty while there is none."""
    program = "import os; from pymongo import MongoClient; from chassis.settings import environment; " \
        "c = MongoClient(environment(os.environ)['RELEVE_MONGO_URI'], serverSelectionTimeoutMS=2000); " \
        "c.admin.command('hello'); print(c.primary[0])"  # fmt: skip
    try:
        return docker("exec", stack.containers("quotes-worker")[0], "python", "-c", program).strip()
    except DockerError:
        return ""


def scale(stack: Stack, market: Market) -> str:
    """Scales both sides of quotes to three under load: each instance gets work, and no request fails."""
    project = market.post()
    with Load(market, project) as load:
        stack.scale(quotes_http=COPIES, quotes_worker=COPIES)
        wait(lambda: len(stack.seen_by_gateway("quotes")) == COPIES, "the gateway sees all of quotes-http")
        spread: dict[str, int] = {}

        def is_spread() -> bool:
            spread.clear()
            spread.update(json.loads(look(stack, "members", "quotes")))
            return len(spread) == COPIES and max(spread.values()) - min(spread.values()) <= COPIES

        wait(is_spread, "the partitions spread")
        wait(lambda: all(requests(container) for container in stack.containers("quotes-http")), "each serves requests")
        stack.scale(quotes_http=1, quotes_worker=1)
    hold(not load.failures, f"{load.said}: {load.failures[:3]}")
    market.finish(project)
    return f"{load.said}; partitions {'+'.join(map(str, spread.values()))}"


def back_up_and_restore(stack: Stack, market: Market) -> str:
    """Deletes everything and restores a backup taken during an open window; the window must still end."""
    project = market.post()
    market.quote(project, 0)
    began = time.monotonic()
    _backup(stack, "take", "--to", "/backups/one", "--erased", "/backups/erased")
    taken = time.monotonic() - began
    stack.compose("--profile", "monitoring", "down", "--volumes", "--timeout", "20")
    stack.compose("up", "--detach", "kafka-users", "mongo-users", timeout=900)
    wait(lambda: all(_ended_well(stack, user) for user in ("kafka-users", "mongo-users")), "topics and users are made")
    began = time.monotonic()
    _backup(stack, "restore", "--from", "/backups/one", "--erased", "/backups/erased")
    restored = time.monotonic() - began
    stack.compose("up", "--detach", "--wait", timeout=900)
    market.finish(project)
    return f"taken in {taken:.0f} s, restored in {restored:.0f} s; a window that was open went on and ended"


def _ended_well(stack: Stack, service: str) -> bool:
    mine = f"label=com.docker.compose.project={stack.project}", f"label=com.docker.compose.service={service}"
    states = docker("ps", "--all", *(f"--filter={label}" for label in mine), "--format", "{{.Status}}")
    return states.startswith("Exited (0)")


def _backup(stack: Stack, *command: str) -> None:
    who = f"{os.getuid()}:{os.getgid()}"
    stack.compose("run", "--rm", "--no-deps", "-T", "--user", who, "backup", *command)


def requests(container: str) -> int:
    """The number of API requests that a container has served."""
    program = METRICS + "print(sum('/api/' in one and one.startswith('releve_http_seconds_count') for one in lines))"
    return int(docker("exec", container, "python", "-c", program))


def renew_certificates(stack: Stack, market: Market, small: bool) -> str:
    """Renews certificates of a service under load, and of a broker and a member if there are three; none fails."""
    secrets = Path(stack.variables["RELEVE_SECRETS"])
    away = [] if small else ["kafka-3", "mongo-2" if primary(stack).startswith("mongo-3") else "mongo-3"]
    for owner in ("quotes-http", "quotes-worker", *away):
        (secrets / f"{owner}_tls").unlink()
    project = market.post()
    with Load(market, project) as load:
        done = renew(stack, secrets, say=lambda _: None)
    hold(sorted(done) == sorted([*away, "quotes"]), f"renewed: {done}")
    hold(not load.failures, f"{load.said}: {load.failures[:3]}")
    market.finish(project)
    hold(renew(stack, secrets, say=lambda _: None) == [], "a second time renews something")
    return f"{', '.join(done)}; {load.said}"


def upgrade(stack: Stack, market: Market, base: str) -> str:
    """Replaces quotes under load by a version whose event has a new field; its consumers keep working."""
    with tempfile.TemporaryDirectory(prefix="releve-newer-") as folder:
        newer = build("quotes", "next", base, make_newer(ROOT, Path(folder) / "tree"))
    return _replace(stack, market, newer, more=True)


def roll_back(stack: Stack, market: Market, image: str) -> str:
    """Replaces quotes under load by its previous version."""
    return _replace(stack, market, image, more=False)


def _replace(stack: Stack, market: Market, image: str, more: bool) -> str:
    project = market.post()
    with Load(market, project) as load:
        stack.replace("quotes", image)
        market.quote(project, 2)
    hold(not load.failures, f"{load.said}: {load.failures[:3]}")
    before = json.loads(look(stack, "events", FIELD))
    market.finish(market.post())
    after = json.loads(look(stack, "events", FIELD))
    events, newer = after["all"] - before["all"], after["with"] - before["with"]
    hold(events > 0 and newer == (events if more else 0), f"{newer} of {events} events have the new field")
    return f"{load.said}; then {newer} of {events} events have the new field"
