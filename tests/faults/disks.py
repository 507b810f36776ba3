"""Disks that can be full: each is small, in memory, and visible to one process in a mount namespace of its own.

No root is needed if the kernel gives user namespaces to every user.
"""

import os
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from deploy.local.process import Process

SIZE_MB = 1_000
"""More than a mongod of these runs ever needs: 128 MB of oplog, some 300 MB of journal, and little data."""
ENTER = ["nsenter", "--user", "--preserve-credentials", "--mount"]
UNSHARE = ["unshare", "--mount", "--map-root-user"]


def why_not() -> str | None:
    """The reason why this machine cannot have such a disk, or None."""
    try:
        done = subprocess.run([*UNSHARE, "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", "/mnt"],
                              capture_output=True, text=True, timeout=20, check=False)  # fmt: skip
    except OSError as error:
        return str(error)
    return (done.stderr.strip() or f"status {done.returncode}") if done.returncode else None


class Disk:
    """A small disk at ``folder`` for the processes that `command` starts; it exists from `start` to `stop`."""

    def __init__(self, folder: Path, log: Path, size_mb: int = SIZE_MB) -> None:
        self._folder = folder.absolute()
        script = f'mount -t tmpfs -o size={size_mb}m tmpfs "$0" && touch "$0/mounted" && exec sleep infinity'
        self._holder = Process(f"disk-{folder.name}", [*UNSHARE, "sh", "-c", script, self._folder], log)

    def start(self) -> None:
        """Returns once the disk is mounted; raises StartError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._holder.start()
        self._holder.wait_until((lambda: (self._inside / "mounted").exists()), 10)

    def stop(self) -> None:
        """Unmounts the disk; its contents are lost."""
        self._holder.kill()

    def command(self, usual: list[str]) -> list[str]:
        """Wraps a command so that its program sees this disk."""
        return [*ENTER, "--target", str(self._holder.pid), *usual]

    def fill(self) -> None:
        """Leaves no free space."""
        with (self._inside / "ballast").open("wb", buffering=0) as ballast:
            for size in (1 << 20, 1 << 12):  # the last free blocks, too
                with suppress(OSError):  # no space left, as intended
                    while ballast.write(bytes(size)) == size:
                        pass

    def free(self) -> None:
        """Frees the space again."""
        (self._inside / "ballast").unlink(missing_ok=True)

    @property
    def _inside(self) -> Path:
        return Path(f"/proc/{self._holder.pid}/root{os.fspath(self._folder)}")


Disks = Mapping[str, Disk]
"""Disks by the name of their member."""
