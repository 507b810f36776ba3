"""`python -m tests.rehearsal`: starts deploy/compose.yaml on a real engine; tests, breaks, scales and upgrades it.

It needs compose, and an engine that runs or that root can start (`.ci/docker` installs both); otherwise it says so in
one line and exits with 0. It uses a compose project of its own and removes everything at the end except images.
`--starts N` only starts the stack N times, each with a story. `--keep` leaves the containers running, `--small` uses
one broker and one MongoDB member and skips steps that need three.
"""

import argparse
import os
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from contracts.parts import PARTS
from deploy.docker import ROOT, DockerError, docker
from deploy.images.__main__ import LOCAL_BASE, build_all, build_engines, has, size
from deploy.local.process import StartError
from deploy.local.system import UNLIMITED
from deploy.prepare import prepare
from deploy.stack import Stack
from tests.kit import waves
from tests.rehearsal import bare, steps
from tests.rehearsal.engine import NoEngine, compose, engine, need_base
from tests.rehearsal.market import Market, NotServed
from tests.rehearsal.starts import Start, begin, told

PROJECT = "releve-rehearsal"
VERSION = "rehearsal"
SETTINGS = {
    "RELEVE_VERSION": VERSION,
    "RELEVE_SUBNETS": "10.214",  # a system on the same machine has the default ones
    "RELEVE_WINDOW_MIN": "PT2S",
    "RELEVE_WAVE_SIZE": "120",
    **waves.FIXED,
    "RELEVE_QUIET_HOURS": "none",
    "RELEVE_ERASURE_DELAY": "PT0S",
    "RELEVE_SILENCE": "PT24S",
    "RELEVE_PROGRESS_EVERY": "PT2S",
    **UNLIMITED,
    "RELEVE_RATE_PERSON": "200/400",
    "RELEVE_RATE_ADDRESS": "1000/2000",
    "RELEVE_RATE_SIGN_IN": "500/1000",
    "RELEVE_HASHES_WAITING": "200",
    "RELEVE_HASH_TIME_COST": "1",
    "RELEVE_HASH_MEMORY_KIB": "1024",
    "RELEVE_IMAGE_KAFKA": "releve-kafka:local",
    "RELEVE_IMAGE_MONGO": "releve-mongo:local",
    "RELEVE_IMAGE_ENVOY": "releve-envoy:local",
}
SMALL = {
    "RELEVE_KAFKA_VOTERS": "1@kafka-1:9093",
    "RELEVE_KAFKA_REPLICATION": "1",
    "RELEVE_MONGO_MEMBERS": "mongo-1:27017",
}
KEPT = ("RELEVE_CACHE",)
OWN = (*(part.name for part in PARTS), "tools")


@dataclass
class Table:
    """The steps with their seconds, the memory of all containers after each, and a remark."""

    stack: Stack | None = None
    rows: list[tuple[str, float, float, str]] = field(default_factory=list)

    def step(self, title: str, action: Callable[[], object]) -> None:
        """Runs a step and prints its result immediately; exceptions propagate."""
        began = time.monotonic()
        try:
            remark = str(action() or "")
        except Exception as error:
            print(f"✗ {title}, after {time.monotonic() - began:.0f} s: {error}", flush=True)
            raise
        seconds = time.monotonic() - began
        held = sum(self.stack.memory_mb().values()) if self.stack and self.stack.containers() else 0.0
        self.rows.append((title, seconds, held, remark))
        print(f"✓ {title:44} {seconds:6.1f} s {held:6.0f} MB  {remark}", flush=True)

    def __str__(self) -> str:
        head = "| step | seconds | memory, MB | |\n|---|---|---|---|\n"
        return head + "\n".join(f"| {title} | {s:.1f} | {mb:.0f} | {remark} |" for title, s, mb, remark in self.rows)


def rehearse(folder: Path, asked: argparse.Namespace) -> None:
    """Runs the whole rehearsal with its files in `folder`; raises the exception of a failed step."""
    table, began = Table(), time.monotonic()
    command = compose()
    table.step("base image, engines' images", _engines)
    table.step("our images", lambda: build_all(OWN, VERSION, LOCAL_BASE))
    table.step("what is in them", lambda: "; ".join(steps.image(name, VERSION) for name in OWN[:-1]))
    table.step("image of the rehearsal", _own_image)
    if not asked.starts:
        table.step("demo and tests on a bare machine", bare.demo_and_tests)
    secrets, port = folder / "secrets", _free_port()
    prepare(secrets)
    os.environ["SSL_CERT_FILE"] = str(secrets / "gateway_certificate")  # the authority this process's clients trust
    variables = {**SETTINGS, **(SMALL if asked.small else {}), "RELEVE_SECRETS": str(secrets), "RELEVE_PORT": str(port),
                 "RELEVE_OPERATORS_PORT": str(_free_port()),
                 "RELEVE_BACKUPS": str(folder / "backups"), "RELEVE_TEST_LOGS": str(folder / "logs")}  # fmt: skip
    (folder / "backups").mkdir()
    (folder / "logs").mkdir()
    files = [ROOT / "deploy/compose.yaml", *([ROOT / "deploy/compose.small.yaml"] if asked.small else []),
             ROOT / "tests/rehearsal/compose.yaml"]  # fmt: skip
    stack = table.stack = Stack(command, PROJECT, files, variables, ["trial"])
    _down(stack)  # removes left-overs of a killed rehearsal
    try:
        if asked.starts:
            _start_often(table, stack, asked.starts)
        else:
            _play(table, stack, f"https://localhost:{port}", asked.small)
    except BaseException as error:
        _say_why(stack, error)
        raise
    finally:
        if not asked.keep:
            table.step("down, and nothing left", lambda: _down(stack))
    print(f"\n{table}\n\n{time.monotonic() - began:.0f} s in all", flush=True)


def _play(table: Table, stack: Stack, url: str, small: bool) -> None:
    table.step("up --wait", lambda: stack.compose("up", "--detach", "--wait", timeout=900))
    table.step("memory of each", lambda: ", ".join(f"{name} {mb:.0f}" for name, mb in stack.memory_mb().items()))
    table.step("the story of Nestlé Waters", lambda: steps.story(stack))
    table.step("the other stories", lambda: steps.stories(stack))
    table.step("what a service may not do", lambda: steps.fences(stack))
    table.step("what measures it", lambda: steps.watch(stack))
    market = Market(url)
    if not small:
        table.step("a broker lost", lambda: steps.lose_broker(stack, market))
        table.step("the MongoDB primary lost", lambda: steps.lose_primary(stack, market))
    table.step("quotes-http lost", lambda: steps.lose_service(stack, market))
    table.step("quotes scaled to 3 and 3, and back", lambda: steps.scale(stack, market))
    table.step("certificates renewed", lambda: steps.renew_certificates(stack, market, small))
    table.step("quotes upgraded", lambda: steps.upgrade(stack, market, LOCAL_BASE))
    table.step("quotes rolled back", lambda: steps.roll_back(stack, market, f"releve-quotes:{VERSION}"))
    table.step("backup, all deleted, restored", lambda: steps.back_up_and_restore(stack, market))


def _start_often(table: Table, stack: Stack, number: int) -> None:
    """Runs ``number`` starts, each with a story; raises Broken at the first stall and leaves everything in place."""
    starts: list[Start] = []

    def one() -> str:
        starts.append(start := begin(stack, len(starts)))
        steps.hold(not start.stalled, f"{start.way}: {start.stalled}; {told(starts)}")
        return f"{start.way}: up after {start.up_s:.0f} s, the story's end after {start.end_s:.0f} s, " \
               f"{start.restarts} restarts by a watchdog"  # fmt: skip

    for turn in range(number):
        table.step(f"start {turn + 1} of {number}", one)
        docker("kill", *stack.containers())  # the next start begins from nothing
        table.step("down", lambda: _down(stack))
    print(f"\n{told(starts)}", flush=True)


def _engines() -> str:
    need_base()
    if not all(has(SETTINGS[f"RELEVE_IMAGE_{name}"]) for name in ("KAFKA", "MONGO", "ENVOY")):
        build_engines()
    return ""


def _own_image() -> str:
    """Builds the image of this tree with its tests and their requirements."""
    tag, file = f"releve-rehearsal:{VERSION}", ROOT / "tests/rehearsal/Dockerfile"
    given = {"BASE_IMAGE": LOCAL_BASE, "PIP_INDEX_URL": os.environ.get("PIP_INDEX_URL", "")}
    docker("build", "--quiet", "--file", file, *(f"--build-arg={name}={told}" for name, told in given.items() if told),
           "--tag", tag, ROOT, timeout=1_200)  # fmt: skip
    return f"{size(tag):.0f} MB"


def _down(stack: Stack) -> str:
    profiles = ("--profile", "inside", "--profile", "monitoring")
    stack.compose(*profiles, "down", "--volumes", "--remove-orphans", "--timeout", "20")
    mine = f"label=com.docker.compose.project={stack.project}"
    left = docker("ps", "--all", "--quiet", f"--filter={mine}") + docker("network", "ls", "--quiet", f"--filter={mine}")
    left += docker("volume", "ls", "--quiet", f"--filter={mine}")
    steps.hold(not left.strip(), f"left over: {left.split()}")
    return ""


def _say_why(stack: Stack, error: BaseException) -> None:
    """Saves the step's output and the containers' logs for diagnosis."""
    logs = Path(tempfile.gettempdir()) / "releve-rehearsal.log"
    printed = error.output if isinstance(error, DockerError) else ""
    try:
        told = stack.compose("ps", "--all") + stack.compose("logs", "--tail", "300", "--no-color")
        logs.write_text(f"{printed}\n{told}")
        print(f"what the step printed and the containers logged: {logs}", file=sys.stderr)
    except DockerError as error:
        print(f"no logs: {error}", file=sys.stderr)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def main(arguments: Sequence[str]) -> int:
    """Returns 0 if every step passed or no engine exists, else 1."""
    parser = argparse.ArgumentParser("tests.rehearsal")
    parser.add_argument("--keep", action="store_true", help="leave the containers running")
    parser.add_argument("--small", action="store_true", help="one broker, one member")
    parser.add_argument("--starts", type=int, default=0, metavar="N", help="N starts, each with a story; no more")
    asked = parser.parse_args(arguments)
    for name in [name for name in os.environ if name.startswith("RELEVE_") and name not in KEPT]:
        del os.environ[name]  # an operator's settings belong to the real system: its mail server, its images
    folder = Path(tempfile.mkdtemp(prefix="releve-rehearsal-"))
    try:
        with engine(folder):
            rehearse(folder, asked)
    except NoEngine as error:
        print(f"Relève is not rehearsed with containers: {error}.")
    except (DockerError, StartError, NotServed, steps.Broken, ValueError, AssertionError) as error:
        print(f"The rehearsal broke: {error}", file=sys.stderr)
        return 1
    finally:
        if not asked.keep:  # kept containers still use the folder
            shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
