"""A container engine and compose on this machine, if available."""

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
    """No engine runs and none can be started; the text gives the reason in one line."""


@contextmanager
def engine(logs: Path) -> Iterator[bool]:
    """Provides a running engine within `with`; yields whether it was started here, and is therefore stopped here.

    Raises NoEngine. An engine that already runs is used and left running.
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
    """Gives all containers together the CPU weight of eight processes under control groups version 1.

    There they would share the weight of a single process, and other load on a busy machine would starve them.
    """
    shares = Path("/sys/fs/cgroup/cpu/docker")
    with suppress(OSError):
        if shares.parent.is_dir():
            shares.mkdir(exist_ok=True)
            (shares / "cpu.shares").write_text("8192")


def need_base() -> None:
    """Builds the base image if it is missing; raises NoEngine if that is impossible."""
    if not has(LOCAL_BASE) and (os.geteuid() != 0 or shutil.which("mmdebstrap") is None):
        raise NoEngine(f"{LOCAL_BASE} is missing, and to make it takes root and mmdebstrap")
    build_base()


def compose() -> list[str]:
    """The command of compose. Raises NoEngine."""
    try:
        return compose_command()
    except DockerError as error:
        raise NoEngine(f"{error}; .ci/docker installs it") from error
