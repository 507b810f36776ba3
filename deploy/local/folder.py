"""The data folder of one system: its lock, its secrets, and the state file for the commands of `make`."""

import fcntl
import json
import os
import secrets
import time
from collections.abc import Mapping
from pathlib import Path

from contracts.parts import DRAWN, ROTATED, variable_of
from deploy.local.masters import drawn_keys
from deploy.local.process import StartError

FREED_WITHIN_S = 15.0
"""Maximum time, in seconds, that the warden of a killed launcher needs to stop the other processes."""


class Folder:
    """Lock of one system on its folder; held until its last process ends, even if the launcher is gone."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lock = -1
        """The file descriptor that every process of the system inherits; negative while not locked."""

    def take(self) -> None:
        """Takes the lock; raises StartError if another system runs on the folder."""
        self.path.mkdir(parents=True, exist_ok=True)
        lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        until = time.monotonic() + (0 if self._has_launcher() else FREED_WITHIN_S)
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self.lock = lock
                return
            except BlockingIOError:
                if time.monotonic() > until:
                    os.close(lock)
                    raise StartError(
                        f"Relève runs already with the data in {self.path}: stop it, or choose others (RELEVE_DATA)."
                    ) from None
                time.sleep(0.1)

    def leave(self) -> None:
        """Releases the lock; no process of the system may be running."""
        os.close(self.lock)
        self.lock = -1

    def tell(self, state: Mapping[str, object]) -> None:
        """Writes the state file, which has the addresses for the commands of `make`."""
        self._state.write_text(json.dumps({**state, "launcher": os.getpid()}, indent=1) + "\n")

    def tell_no_more(self) -> None:
        """Removes the state file, so that the commands of `make` find no running system."""
        self._state.unlink(missing_ok=True)

    def secrets(self) -> dict[str, str]:
        """The secrets, generated once and kept in files that only their owner can read; data depends on them.

        An older system's folder gets those it lacks; secrets that it no longer uses are given to nobody. Master keys
        are files of their own (`deploy.local.masters`).
        """
        path = self.path / "secrets.json"
        drawn: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        used = [variable_of(name) for name in DRAWN if name not in ROTATED]
        if missing := [name for name in used if name not in drawn]:
            drawn |= {name: secrets.token_hex(32) for name in missing}
            draft = os.open(path.with_suffix(".part"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(draft, "w") as file:
                json.dump(drawn, file)
            path.with_suffix(".part").replace(path)
        return {name: drawn[name] for name in used} | drawn_keys(self.path)

    @property
    def _state(self) -> Path:
        return self.path / "state.json"

    def _has_launcher(self) -> bool:
        try:
            os.kill(json.loads(self._state.read_text())["launcher"], 0)
        except (OSError, ValueError, KeyError):
            return False
        return True
