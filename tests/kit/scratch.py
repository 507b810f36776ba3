"""The folder for a test run's files: in memory if there is room.

Engines write a journal entry for every acknowledged write, and tests wait for some ten thousand of them. On a disk this
is most of the waiting; in memory it takes no time. The guarantees are the same: a killed process loses neither.
"""

import os
import shutil
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM = 8 * 1024**3
"""Free bytes required: two test processes with their engines and systems fill about 5 GiB."""
NAME = "releve-tests"


def folder(memory: Path = MEMORY, room: int = ROOM) -> Path | None:
    """A folder of this process for the run's files, or None if memory has no room. Removes leftovers of dead runs."""
    try:
        for left in memory.glob(f"{NAME}-*"):
            if not _runs(int(left.name.rpartition("-")[2])):
                shutil.rmtree(left, ignore_errors=True)
        if shutil.disk_usage(memory).free < room or not os.access(memory, os.W_OK):
            return None
    except (OSError, ValueError):
        return None
    return memory / f"{NAME}-{os.getpid()}"


def give_back(place: Path) -> None:
    """Removes a folder that `folder` created in this process, and no other."""
    if place.name == f"{NAME}-{os.getpid()}":
        shutil.rmtree(place, ignore_errors=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user runs it
        return True
    return True
