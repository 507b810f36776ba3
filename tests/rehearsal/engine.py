"""A container engine and compose for this machine, where they can be had."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from deploy.docker import DockerError, answers, compose_command
from deploy.images.__main__ import LOCAL_BASE, build_base, has
from tests.kit.waiting import NotInTime, until

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
    if shutil.which("dockerd") is None:
        raise NoEngine("no container engine is installed (.ci/docker does that on Debian)")
    with (logs / "dockerd.log").open("ab") as log:
        daemon = subprocess.Popen(["dockerd"], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                  start_new_session=True)  # fmt: skip
    try:
        with suppress(NotInTime):
            until(lambda: answers() or daemon.poll() is not None, STARTS_WITHIN_S, every_s=0.5)
        if not answers():
            raise NoEngine(f"dockerd does not start here (log: {log.name})")
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


def need_base() -> None:
    """The base image, made where it is missing; raises NoEngine where it cannot be."""
    if not has(LOCAL_BASE) and (os.geteuid() != 0 or shutil.which("mmdebstrap") is None):
        raise NoEngine(f"{LOCAL_BASE} is missing, and to make it takes root and mmdebstrap")
    build_base()


def compose() -> list[str]:
    """Compose's command. Raises NoEngine."""
    try:
        return compose_command()
    except DockerError as error:
        raise NoEngine(f"{error}; .ci/docker installs it") from error
