"""The parts of the local launcher that need no engine."""

import ast
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from deploy.local import bootstrap, jars, run
from deploy.local.forked import Forked
from deploy.local.mailsink import Folder
from deploy.local.ports import free_port, is_free, saved_ports
from deploy.local.process import Process, StartError
from deploy.local.supervisor import DEATHS, Supervisor
from deploy.local.task import Task
from tests.kit.waiting import until

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


# --- ports


def test_ports_are_kept_between_starts(tmp_path: Path) -> None:
    first = saved_ports(tmp_path / "ports.json", ["mongo", "kafka"])
    assert saved_ports(tmp_path / "ports.json", ["mongo", "kafka"]) == first
    assert len(set(first.values())) == 2


def test_busy_or_duplicate_saved_port_is_replaced(tmp_path: Path, busy_port: int) -> None:
    free = free_port()
    (tmp_path / "ports.json").write_text(json.dumps({"mongo": busy_port, "kafka": free, "mail": free}))
    ports = saved_ports(tmp_path / "ports.json", ["mongo", "kafka", "mail"])
    assert ports["mongo"] != busy_port
    assert ports["kafka"] == free != ports["mail"]
    assert json.loads((tmp_path / "ports.json").read_text()) == ports


def test_damaged_port_file_is_rewritten(tmp_path: Path) -> None:
    (tmp_path / "ports.json").write_text("{")
    assert is_free(saved_ports(tmp_path / "ports.json", ["mongo"])["mongo"])


# --- processes


def sleeper(tmp_path: Path, code: str = "import time; time.sleep(600)") -> Process:
    return Process("child", [sys.executable, "-c", code], tmp_path / "child.log")


def test_process_ignoring_sigterm_is_killed_with_its_children(tmp_path: Path) -> None:
    code = (
        "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']).pid, flush=True)\n"
        "time.sleep(600)"
    )
    process = sleeper(tmp_path, code)
    process.start()
    until(lambda: process.log.read_text().strip())
    child = int(process.log.read_text())
    process.stop(grace=0.2)
    assert process.pid is None
    until(lambda: not Path(f"/proc/{child}").exists() or "Z" in Path(f"/proc/{child}/stat").read_text().split()[2])


def test_early_exit_is_reported_with_the_last_log_lines(tmp_path: Path) -> None:
    process = sleeper(tmp_path, "raise ValueError('the reason')")
    process.start()
    with pytest.raises(StartError, match=r"child ended with status 1 while starting: .*the reason.*child\.log"):
        process.wait_until(lambda: False, 20)


def test_missing_command_is_reported_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="child cannot be run"):
        Process("child", [tmp_path / "nothing"], tmp_path / "child.log").start()


def test_process_runs_in_its_own_session(tmp_path: Path) -> None:
    process = sleeper(tmp_path)
    process.start()
    assert process.pid is not None
    assert os.getsid(process.pid) == process.pid != os.getsid(0)
    process.stop()


# --- forks

MODULE = """
import os, signal, sys, time
print(os.environ.get("SAID"), os.environ.get("PATH"), *sys.argv[1:], os.getcwd(), __name__)
if "wait" in sys.argv:
    time.sleep(600)
sys.exit("the reason" if "fail" in sys.argv else 0)
"""


def fork(tmp_path: Path, *arguments: str) -> Process:
    """A process that is forked, with a module that only its folder has."""
    (tmp_path / "forked_module.py").write_text(MODULE)
    command = [sys.executable, "-m", "forked_module", *arguments]
    process = Process("fork", command, tmp_path / f"{'-'.join(arguments)}.log", env={"SAID": "yes"}, cwd=tmp_path)
    process.forks = True
    return process


def test_fork_begins_as_a_new_interpreter_would(tmp_path: Path) -> None:
    assert "PATH" in os.environ, "what a fork must not inherit"
    process = fork(tmp_path, "one", "two")
    process.start()
    until(lambda: process.status is not None)
    assert (process.status, process.log.read_text()) == (0, f"yes None one two {tmp_path} __main__\n")


def test_fork_shares_what_the_parts_import_and_leads_its_own_session(tmp_path: Path) -> None:
    process = fork(tmp_path, "wait")
    process.start()
    until(lambda: process.log.read_text())
    assert process.pid is not None
    inside = psutil.Process(process.pid)
    assert inside.cmdline()[0] == f"{sys.executable} -m forked_module wait"
    assert os.getsid(inside.pid) == inside.pid != os.getsid(0)
    (seed,) = (child for child in psutil.Process().children() if child.cmdline()[-2:-1] == ["deploy.local.seed"])
    assert inside.ppid() == seed.pid
    memory = inside.memory_full_info()
    assert memory.uss < memory.rss / 2, "most of it is shared"
    process.stop()
    assert not psutil.pid_exists(inside.pid)


def test_end_of_a_fork_is_reported_with_its_status_and_log(tmp_path: Path) -> None:
    failed, ended, killed = fork(tmp_path, "fail"), fork(tmp_path, "wait"), fork(tmp_path, "wait", "too")
    for process in (failed, ended, killed):
        process.start()
    with pytest.raises(StartError, match=r"fork ended with status 1 while starting: .*the reason.*fail\.log"):
        failed.wait_until(lambda: False, 20)
    assert killed.pid is not None
    ended.ask_to_end()
    os.kill(killed.pid, signal.SIGKILL)
    for process in (ended, killed):
        process.wait_ended(20)
    assert (ended.status, killed.status) == (-signal.SIGTERM, -signal.SIGKILL)


def test_fork_survives_the_seed_and_the_next_one_has_another(tmp_path: Path) -> None:
    first = fork(tmp_path, "wait")
    first.start()
    assert first.pid is not None
    psutil.Process(first.pid).parent().kill()  # type: ignore[union-attr]
    second = fork(tmp_path, "wait")
    until(lambda: _starts(second))
    assert first.pid is not None
    assert second.pid is not None
    assert psutil.Process(second.pid).ppid() != psutil.Process(first.pid).ppid()
    first.stop()
    second.stop()
    assert (first.pid, second.pid) == (None, None)


def _starts(process: Process) -> bool:
    with suppress(StartError):  # the seed that was killed may not have ended yet
        process.start()
    return process.pid is not None


def runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_fork_that_nobody_knows_ends_with_its_launcher(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path; from deploy.local.forked import Forked\n"
        "one = Forked('forked_module', ['wait'], log=open('early.log', 'ab'), env={}, cwd=Path.cwd())\n"
        "print(one.pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    (tmp_path / "forked_module.py").write_text(MODULE)
    launcher = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert launcher.returncode == -signal.SIGKILL, launcher.stderr
    until(lambda: not runs(int(launcher.stdout)))
    assert (tmp_path / "early.log").read_text() == "", "it never ran"


def test_fork_that_ends_before_it_begins_is_reported(tmp_path: Path) -> None:
    (tmp_path / "forked_module.py").write_text(MODULE)
    with (tmp_path / "early.log").open("ab") as log:
        one = Forked("forked_module", ["wait"], log=log, env={}, cwd=tmp_path)
    os.kill(one.pid, signal.SIGKILL)
    assert one.wait(20) == -signal.SIGKILL
    one.begin()


def test_forks_draw_lanes_of_their_own(tmp_path: Path) -> None:
    draw = "import os\nfrom chassis import guards\nprint(next(guards._lanes(os.getpid())))"
    (tmp_path / "drawing.py").write_text(draw)
    drawn = []
    for number in range(5):
        process = Process("fork", [sys.executable, "-m", "drawing"], tmp_path / f"{number}.log", env={}, cwd=tmp_path)
        process.forks = True
        process.start()
        process.wait_ended(20)
        drawn.append(process.log.read_text())
    assert all(drawn)
    assert len(set(drawn)) > 1, "one in sixteen million draws all alike"


def test_wrapped_command_is_not_forked(tmp_path: Path) -> None:
    process = fork(tmp_path, "wait")
    process.wrap = lambda usual: [*usual, "more"]
    process.start()
    assert process.pid is not None
    assert psutil.Process(process.pid).cmdline()[-1] == "more"
    process.stop()


# --- tasks and the supervisor


def test_task_error_is_raised_when_awaited() -> None:
    task = Task("wrong", lambda: json.loads("{"))
    with pytest.raises(ValueError, match="Expecting"):
        until(task.done)


def test_repeatedly_crashing_service_is_given_up(tmp_path: Path) -> None:
    lines: list[str] = []
    supervisor = Supervisor(lines.append, _hurried(time.monotonic))
    process = sleeper(tmp_path, "raise SystemExit(3)")
    process.start()
    supervisor.watch_service(process)
    supervisor.start()
    until(lambda: any("is left" in line for line in lines))
    supervisor.stop()
    assert sum("ended with status 3, starts again" in line for line in lines) == DEATHS - 1
    assert not supervisor.failed.is_set()


def _hurried(clock: Callable[[], float]) -> Callable[[], float]:
    """A clock that runs eight times as fast."""
    began = clock()
    return lambda: began + 8 * (clock() - began)


# --- the jars


def test_lock_pins_one_kafka_version_and_no_address() -> None:
    text = jars.LOCK.read_text()
    found = jars.read_lock(text)
    assert len(found) > 40
    assert {jar.version for jar in found if jar.group == "org.apache.kafka"} == {jars.KAFKA}
    assert "//" not in text


def test_jar_of_another_version_is_refused() -> None:
    with pytest.raises(StartError, match=r"kafka-clients-3\.9\.1\.jar is not of version"):
        jars.read_lock(f"org.apache.kafka:kafka-clients:3.9.1 {'0' * 64}\n")


def test_jar_with_another_checksum_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.jar").write_bytes(b"other")
    with pytest.raises(StartError, match="not the locked one"):
        jars.check(tmp_path / "x.jar", jars.Jar("g", "x", "1", "0" * 64))


def test_existing_jars_are_not_fetched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fetched = []

    def fetch(wanted: list[jars.Jar], work: Path) -> Path:
        fetched.append(len(wanted))
        (work / "jars").mkdir()
        (work / "jars" / "x-1.jar").touch()
        return work / "jars"

    monkeypatch.setattr(jars, "_fetch", fetch)
    lock = tmp_path / "jars.lock"
    lock.write_text(f"g:x:1 {'0' * 64}\n")
    first = jars.kafka_jars(lock, tmp_path / "cache")
    assert jars.kafka_jars(lock, tmp_path / "cache") == first
    assert ([path.name for path in first], fetched) == (["x-1.jar"], [1])
    first[0].unlink()
    with pytest.raises(StartError, match="remove it"):
        jars.kafka_jars(lock, tmp_path / "cache")


# --- mails


def test_mail_numbering_continues_after_existing_mails(tmp_path: Path) -> None:
    Folder(tmp_path).deliver("a@example.org", b"Subject: one\r\n\r\n")
    path = Folder(tmp_path).deliver("../b c@example.org", b"Subject: two\r\n\r\n")
    assert path.name == "0002-_b_c@example.org.eml"
    assert b"Subject: two" in path.read_bytes()
    assert sorted(name.name for name in tmp_path.iterdir()) == ["0001-a@example.org.eml", path.name]


# --- bootstrap and run


def test_bootstrap_parses_on_old_pythons_without_packages() -> None:
    source = Path(bootstrap.__file__).read_text()
    tree = ast.parse(source, feature_version=(3, 6))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported <= sys.stdlib_module_names


def test_old_python_is_refused_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or later, and .* is 3\.9"):
        bootstrap.main(["run"])


def test_system_certificates_are_used_unless_others_are_named(tmp_path: Path) -> None:
    bundle = tmp_path / "ca.crt"
    assert bootstrap.certificates({}, str(bundle)) == {}
    bundle.touch()
    assert set(bootstrap.certificates({}, str(bundle))) == {"SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT"}
    rest = {"SSL_CERT_FILE": str(bundle), "REQUESTS_CA_BUNDLE": str(bundle)}
    assert bootstrap.certificates({"PIP_CERT": "mine"}, str(bundle)) == rest, "else Kafka's jars are refused"
    named = {"SSL_CERT_FILE": "mine"}
    assert bootstrap.certificates(named, str(bundle)) == {"REQUESTS_CA_BUNDLE": "mine", "PIP_CERT": "mine"}


def test_virtual_environment_is_current_until_requirements_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("one\n")
    monkeypatch.setitem(bootstrap.REQUIREMENTS, "run", str(requirements))
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    assert not bootstrap.is_current(str(tmp_path), "run")
    Path(bootstrap.stamp(str(tmp_path), "run")).write_text(bootstrap.fingerprint(str(requirements)))
    assert bootstrap.is_current(str(tmp_path), "run")
    requirements.write_text("two\n")
    assert not bootstrap.is_current(str(tmp_path), "run")


def test_failed_step_is_reported_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    code = "print('ERROR: no matching distribution'); print('more'); raise SystemExit(1)"
    with pytest.raises(SystemExit, match="Python packages: ERROR: no matching distribution"):
        bootstrap.step("Python packages", [sys.executable, "-c", code], dict(os.environ))


def launch(tmp_path: Path, command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("RELEVE_")}
    return subprocess.run(
        [sys.executable, "deploy/local/run.py", command], cwd=ROOT, capture_output=True, text=True, timeout=60,
        env=clean | {"RELEVE_DATA": str(tmp_path / "data")} | environment, check=False,
    )  # fmt: skip


def test_busy_port_is_reported_in_one_line_with_advice(tmp_path: Path, busy_port: int) -> None:
    done = launch(tmp_path, "up", RELEVE_PORT=str(busy_port))
    assert (done.returncode, done.stderr, len(done.stdout.splitlines())) == (1, "", 1)
    assert f"Port {busy_port} is in use" in done.stdout
    assert "RELEVE_PORT=" in done.stdout
    assert not (tmp_path / "data").exists()


def test_story_without_a_running_system_says_how_to_start_it(tmp_path: Path) -> None:
    done = launch(tmp_path, "story")
    assert (done.returncode, done.stderr) == (1, "")
    assert "start it with `make run`" in done.stdout


def test_invalid_port_is_refused() -> None:
    for text in ("", "http", "0", "70000"):
        with pytest.raises(StartError, match="RELEVE_PORT"):
            run._port(text)


def test_help_names_every_target_of_the_makefile() -> None:
    text = (ROOT / "Makefile").read_text()
    targets = set(text.split(".PHONY:")[1].splitlines()[0].split())
    make = ["make", "--no-print-directory"]
    shown = subprocess.run(make, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {line.split()[1] for line in shown.splitlines()} == targets
