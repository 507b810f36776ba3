"""Disks that can be full: each a small one in memory, seen by one process alone, in a mount namespace of its own.

No root is needed where the kernel gives user namespaces to everybody.
"""

import os
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from deploy.local.process import Process

SIZE_MB = 1_000
"""What a mongod of these runs never needs: 128 MB of oplog, some 300 MB of journal, and little data."""
ENTER = ["nsenter", "--user", "--preserve-credentials", "--mount"]
UNSHARE = ["unshare", "--mount", "--map-root-user"]


def why_not() -> str | None:
    """The reason why there can be no such disk on this machine, or None."""
    try:
        done = subprocess.run([*UNSHARE, "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", "/mnt"],
                              capture_output=True, text=True, timeout=20, check=False)  # fmt: skip
    except OSError as error:
        return str(error)
    return (done.stderr.strip() or f"status {done.returncode}") if done.returncode else None


class Disk:
    """A small disk at ``folder`` for whoever runs `command`; it lasts from `start` to `stop`, whoever is killed."""

    def __init__(self, folder: Path, log: Path, size_mb: int = SIZE_MB) -> None:
        self._folder = folder.absolute()
        script = f'mount -t tmpfs -o size={size_mb}m tmpfs "$0" && touch "$0/mounted" && exec sleep infinity'
        self._holder = Process(f"disk-{folder.name}", [*UNSHARE, "sh", "-c", script, self._folder], log)

    def start(self) -> None:
        """Returns once it is there; raises StartError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._holder.start()
        self._holder.wait_until((lambda: (self._inside / "mounted").exists()), 10)

    def stop(self) -> None:
        """All that was on it is gone."""
        self._holder.kill()

    def command(self, usual: list[str]) -> list[str]:
        """The command that runs the same program so that it sees this disk."""
        return [*ENTER, "--target", str(self._holder.pid), *usual]

    def fill(self) -> None:
        """From now on there is no room."""
        with (self._inside / "ballast").open("wb", buffering=0) as ballast:
            for size in (1 << 20, 1 << 12):  # the last corner too
                with suppress(OSError):  # no space left, as was wanted
                    while ballast.write(bytes(size)) == size:
                        pass

    def free(self) -> None:
        """There is room again."""
        (self._inside / "ballast").unlink(missing_ok=True)

    @property
    def _inside(self) -> Path:
        return Path(f"/proc/{self._holder.pid}/root{os.fspath(self._folder)}")


Disks = Mapping[str, Disk]
"""By the name of the member that has it."""
