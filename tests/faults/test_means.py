"""The tools of the fault run: a process that dies on order, and a disk that is full for one process only."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.process import Process
from tests.faults.disks import Disk, why_not
from tests.faults.dying import BEFORE_COMMIT, BEFORE_MARK, Orders, wrap
from tests.kit.waiting import until

PROGRAM = """
import sys
from pathlib import Path
from tests.faults.dying import BEFORE_MARK, Orders, wrap
class Outbox:
    def mark(self, row): print("marked", row, flush=True)
wrap(Outbox, "mark", BEFORE_MARK, Orders(Path(sys.argv[1])))
print("published", flush=True)
Outbox().mark(7)
"""


def run(orders: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", PROGRAM, str(orders)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_process_dies_before_the_ordered_step_and_only_once(tmp_path: Path) -> None:
    orders = tmp_path / "worker.orders"
    assert run(orders).stdout.split() == ["published", "marked", "7"]
    Orders(orders).give(BEFORE_COMMIT)
    assert run(orders).returncode == 0, "the order names another step"
    Orders(orders).give(BEFORE_MARK)
    died = run(orders)
    assert (died.returncode, died.stdout) == (-signal.SIGKILL, "published\n")
    assert run(orders).returncode == 0


def test_wrapping_a_missing_function_fails_immediately(tmp_path: Path) -> None:
    with pytest.raises(AttributeError, match="renamed_meanwhile"):
        wrap(Orders, "renamed_meanwhile", BEFORE_MARK, Orders(tmp_path / "orders"))


def test_disk_is_full_only_for_its_own_process_and_outlives_it(tmp_path: Path) -> None:
    if reason := why_not():
        pytest.skip(f"no mount namespaces here: {reason}")
    disk = Disk(tmp_path / "small", tmp_path / "disk.log", size_mb=8)
    disk.start()
    try:
        small, source = tmp_path / "small", tmp_path / "source"
        source.write_text("text\n")

        def write(name: str) -> str:
            """What the writer reported: its file, and the files that existed already."""
            log = tmp_path / f"{name}.log"
            process = Process("writer", ["sh", "-c", f"LC_ALL=C cp {source} {small}/{name}; cat {small}/*-file"], log)
            process.wrap = disk.command
            process.start()
            until(lambda: process.pid is None)
            process.kill()
            return log.read_text()

        assert write("first-file") == "text\n"
        disk.fill()
        assert "No space left" in write("refused-file")
        disk.free()
        assert write("second-file") == "text\ntext\n"
        assert list(small.iterdir()) == []
    finally:
        disk.stop()
