"""Log lines: none is lost or cut, whoever writes and however the process ends."""

import subprocess
import sys
import threading
from io import StringIO
from pathlib import Path

from chassis import lines as module
from chassis.lines import Lines
from tests.kit.waiting import until


class Counting(StringIO):
    """A file that counts how often it was written to."""

    written = 0

    def write(self, text: str) -> int:
        self.written += 1
        return super().write(text)


def test_lines_of_many_threads_stay_whole_and_in_order() -> None:
    file = Counting()
    lines = Lines(file)

    def speak(name: int) -> None:
        for number in range(500):
            lines.msg(f"{name} {number}")

    threads = [threading.Thread(target=speak, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    until(lambda: file.getvalue().count("\n") == 2_000, 10)
    found = [tuple(map(int, line.split())) for line in file.getvalue().splitlines()]
    for name in range(4):
        assert [number for one, number in found if one == name] == list(range(500))
    assert file.written < 1_000


def test_failure_is_written_at_once_after_the_lines_before() -> None:
    file = StringIO()
    lines = Lines(file)
    lines._thread = threading.current_thread()  # no other thread writes
    lines.msg("before")
    assert file.getvalue() == ""
    lines.error("failed")
    assert file.getvalue() == "before\nfailed\n"


def test_caller_writes_once_too_many_lines_wait() -> None:
    file = StringIO()
    lines = Lines(file)
    lines._thread = threading.current_thread()
    for number in range(module.MOST):
        lines.msg(str(number))
    assert file.getvalue().count("\n") == module.MOST


def _said(script: str) -> list[str]:
    script = f"from chassis import telemetry; import os; telemetry.start('x', 'y'); say = telemetry.log.info; {script}"
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=root)
    return [line.partition('"event": "')[2].partition('"')[0] for line in done.stdout.splitlines()]


def test_end_of_the_process_writes_the_rest() -> None:
    assert _said("say('one'); say('two')") == ["one", "two"]
    assert _said("say('one'); telemetry.flush(); os._exit(0)") == ["one"]


def test_forked_child_writes_its_own_lines_only() -> None:
    child = "say('parent'); child = os.fork(); say('child') if not child else os.wait(); telemetry.flush(); os._exit(0)"
    assert sorted(_said(child)) == ["child", "parent"]
