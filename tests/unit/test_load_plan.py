"""The plan of a load test: when projects arrive and which addresses may be loaded."""

import random
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.load import target
from tests.load.__main__ import main
from tests.load.plan import A_DAY_S, LADDER, LEAST, SHORTEST_GAP_S, ladder, level, mixed


def test_number_of_arrivals_matches_the_rate() -> None:
    found = level(100_000, 120, 1, required=True)
    assert len(found.starts) == len(found.stories) == round(100_000 / A_DAY_S * 120) == 139
    assert list(found.starts) == sorted(found.starts)
    assert 0 <= found.starts[0] < found.starts[-1] < 120
    assert found.idle_cut == pytest.approx(1, abs=0.01)


def test_arrivals_are_random_but_reproducible_from_the_seed() -> None:
    found = level(100_000, 120, 1, required=True)
    gaps = {round(b - a, 3) for a, b in zip(found.starts, found.starts[1:], strict=False)}
    assert len(gaps) > 100
    assert found == level(100_000, 120, 1, required=True)
    assert found.starts != level(100_000, 120, 2, required=True).starts


def test_low_rate_is_played_without_idle_time_and_reported() -> None:
    found = level(100, 60, 1, required=True)
    assert len(found.starts) == LEAST
    assert {b - a for a, b in zip(found.starts, found.starts[1:], strict=False)} == {SHORTEST_GAP_S}
    assert found.idle_cut == pytest.approx(A_DAY_S / 100 / SHORTEST_GAP_S)


def test_levels_rise_tenfold_and_only_four_are_required() -> None:
    found = ladder(60, LADDER, [200_000], 1)
    assert [one.a_day for one in found] == [100, 1_000, 10_000, 100_000, 200_000] == [*LADDER, 200_000]
    assert [one.required for one in found] == [True, True, True, True, False]


@pytest.mark.parametrize("count", [1, 7, 100, 1_234])
def test_stories_occur_in_their_shares(count: int) -> None:
    kinds = Counter(mixed(count, random.Random(1)))
    assert sum(kinds.values()) == count
    assert kinds["full"] == pytest.approx(0.8 * count, abs=1)
    assert kinds["cancelled"] == pytest.approx(0.03 * count, abs=1)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080", "http://localhost:1", "https://[::1]:8443", "http://172.18.0.5"]
)
def test_local_and_docker_addresses_may_be_loaded(url: str) -> None:
    target.check_address(url, owned=False)


@pytest.mark.parametrize(
    "url", ["http://192.0.2.7", "https://10.1.2.3:8443", "http://192.168.1.20", "http://[2001:db8::1]"]
)
def test_foreign_address_is_refused_without_operators_confirmation(url: str) -> None:
    with pytest.raises(target.NotYours, match="--i-own-this-address"):
        target.check_address(url, owned=False)
    target.check_address(url, owned=True)


@pytest.mark.parametrize("url", ["localhost:8080", "ftp://127.0.0.1", ""])
def test_invalid_address_is_reported(url: str) -> None:
    with pytest.raises(target.NotYours, match="no address"):
        target.check_address(url, owned=True)


def test_command_refuses_foreign_address_before_sending_requests(tmp_path: Path) -> None:
    said: list[str] = []
    assert main(["--url", "http://192.0.2.7", "--out", str(tmp_path / "out")], said.append) == 2
    assert "--i-own-this-address" in said[0]
    assert not (tmp_path / "out").exists()


def test_own_system_ignores_engines_named_in_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, str] = {}

    class Seen(Exception):
        pass

    def system(_data: Path, settings: dict[str, str], **_: object) -> None:
        given.update(settings)
        raise Seen

    names = ("MONGO_URI", "KAFKA", "KAFKA_USER", "DB_PREFIX", "SMTP", "PORT")
    environ = {f"RELEVE_{name}": "somebody's" for name in names} | {"RELEVE_WAVE_SIZE": "8"}
    monkeypatch.setattr(target, "System", system)
    with pytest.raises(Seen), target.own(tmp_path, print, environ):
        pass
    assert "somebody's" not in given.values()
    assert given["RELEVE_WAVE_SIZE"] == "8"


def test_command_reports_in_one_line_that_nothing_runs(tmp_path: Path) -> None:
    said: list[str] = []
    assert main(["--running"], said.append, {"RELEVE_DATA": str(tmp_path)}) == 2
    assert len(said) == 1
    assert "make run" in said[0]


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (["python", "-m", "services.quotes.app", "worker"], "quotes-worker"),
        (["/x/bin/mongod", "--replSet", "rs0"], "mongo"),
        (["java", "-Xmx256m", "kafka.Kafka", "server.properties"], "kafka"),
        (["python", "-I", "-S", "warden.py"], ""),
    ],
)
def test_processes_are_recognised_by_their_command_line(command: list[str], name: str) -> None:
    assert target.process_name(command) == name


def test_invalid_rate_is_refused_in_one_line(tmp_path: Path) -> None:
    said: list[str] = []
    assert main(["--levels", "100,many"], said.append) == 2
    assert "100,many" in said[0]


def test_only_the_generator_imports_locust(root: Path) -> None:
    """Locust patches Python's sockets and threads, so code that starts or observes systems must not import it."""
    program = "import sys, tests.load.__main__; print(sorted({'locust', 'gevent'} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    importers = {
        path.stem for path in (root / "tests" / "load").glob("*.py")
        if re.search(r"^(from|import) (locust|gevent)", path.read_text(), re.MULTILINE)
    }  # fmt: skip
    assert importers == {"generator", "people", "story"}
