"""A container engine and compose for this machine, where they can be had."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from deploy.docker import COMPOSE_VERSION, DockerError, answers, compose_command, run
from deploy.images.__main__ import LOCAL_BASE, build_base, has
from deploy.local.jars import cache

PACKAGES = ("docker.io", "mmdebstrap", "iptables", "ca-certificates")
STARTS_WITHIN_S = 90.0


class NoEngine(Exception):
    """There is none, and none can be had; the text says why, for one line."""


@contextmanager
def engine(logs: Path) -> Iterator[bool]:
    """An engine that answers, for as long as the body runs; whether it was started here, and is to be ended here.

    Raises NoEngine. One that runs already is used and left as it is.
    """
    if answers():
        yield False
        return
    if os.geteuid() != 0:
        raise NoEngine("no container engine answers, and only root could start one")
    if shutil.which("dockerd") is None or shutil.which("mmdebstrap") is None:
        _install()
    with (logs / "dockerd.log").open("ab") as log:
        daemon = subprocess.Popen(["dockerd"], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                  start_new_session=True)  # fmt: skip
    try:
        until = time.monotonic() + STARTS_WITHIN_S
        while not answers():
            if daemon.poll() is not None or time.monotonic() > until:
                raise NoEngine(f"dockerd does not start here (log: {log.name})")
            time.sleep(0.5)
        _weigh()
        yield True
    finally:
        daemon.terminate()
        with suppress(subprocess.TimeoutExpired):
            daemon.wait(60)
        with suppress(ProcessLookupError):
            os.killpg(daemon.pid, signal.SIGKILL)
        daemon.wait()


def _weigh() -> None:
    """Gives all containers together the weight of eight processes, where control groups are of the first kind.

    There they would have that of one, and what else runs on a busy machine starves them.
    """
    shares = Path("/sys/fs/cgroup/cpu/docker")
    with suppress(OSError):
        if shares.parent.is_dir():
            shares.mkdir(exist_ok=True)
            (shares / "cpu.shares").write_text("8192")


def _install() -> None:
    if shutil.which("apt-get") is None:
        raise NoEngine("no container engine is installed, and this is no Debian")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        run(["apt-get", "update", "-qq"], 600, quiet)
        run(["apt-get", "install", "-qq", "-y", "--no-install-recommends", *PACKAGES], 1_200, quiet)
    except DockerError as error:
        raise NoEngine(f"the container engine cannot be installed: {error}") from error


def need_base() -> None:
    """The base image, made where it is missing; raises NoEngine where it cannot be."""
    if not has(LOCAL_BASE) and (os.geteuid() != 0 or shutil.which("mmdebstrap") is None):
        raise NoEngine(f"{LOCAL_BASE} is missing, and to make it takes root and mmdebstrap")
    build_base()


def compose() -> list[str]:
    """Compose's command; built from its source and kept where the engine has none. Raises NoEngine."""
    with suppress(DockerError):
        return compose_command()
    if shutil.which("go") is None:
        raise NoEngine("docker compose v2 is missing, and Go, to build it, as well")
    target = cache() / f"docker-compose-{COMPOSE_VERSION}"
    with tempfile.TemporaryDirectory() as folder:
        built = Path(folder) / "docker-compose"
        module = "github.com/docker/compose/v2/cmd"
        try:
            run(["go", "-C", folder, "mod", "init", "tools"])
            run(["go", "-C", folder, "get", "-tool", f"{module}@{COMPOSE_VERSION}"], 1_500)
            run(["go", "-C", folder, "build", "-o", built, module], 1_500)
        except DockerError as error:
            raise NoEngine(f"docker compose cannot be built: {error}") from error
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(built, target.with_suffix(".part"))
        target.with_suffix(".part").replace(target)
    return compose_command()
