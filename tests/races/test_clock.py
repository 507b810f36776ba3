"""A process's own clock decides nothing: windows and claims follow the database's clock, however wrong the host is."""

import ast
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from deploy.local.ports import free_port
from services.quotes import commands
from tests.clocks.shim import NoCompiler, build, shifted
from tests.kit.answers import outcome
from tests.kit.examples import TERMS, mentor
from tests.kit.market import Market
from tests.kit.oracle.agreement import check_round
from tests.kit.services import SETTINGS
from tests.kit.tokens import KeyServer
from tests.kit.waiting import until

ASKING = {"now", "utcnow", "today", "time", "time_ns", "localtime", "gmtime", "ctime"}
OWNERS = {"datetime", "date", "time"}
WRONG_BY = timedelta(minutes=5)


TOKENS = ("chassis/http/proofs.py:", "chassis/http/remembered.py:")
"""The end of a token counts by the process's clock, where it is verified (PyJWT) and where that is remembered, and so
does the age of an operator's code, which the token states."""


def clock_readers(*folders: Path) -> set[str]:
    """Every place that reads the process's clock; ``monotonic``, which measures durations, does not count."""
    found = set()
    for path in (path for folder in folders for path in folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module == "time":
                names = {alias.name for alias in node.names} & ASKING
            elif isinstance(node, ast.Attribute) and node.attr in ASKING:
                names = {ast.unparse(node.value).rpartition(".")[2]} & OWNERS
            else:
                continue
            if names:
                found.add(f"{path.relative_to(folders[0].parent.parent)}:{node.lineno}")
    return found


def test_code_of_quotes_never_reads_the_process_clock(root: Path, tmp_path: Path) -> None:
    found = clock_readers(root / "services" / "quotes", root / "chassis", root / "contracts")
    assert {place for place in found if not place.startswith(TOKENS)} == set()
    planted = tmp_path / "services" / "quotes"
    planted.mkdir(parents=True)
    asking = ["datetime.now(UTC)", "datetime.date.today()", "time.time()", "from time import time"]
    (planted / "late.py").write_text("\n".join(asking))
    assert len(clock_readers(planted)) == len(asking)


def test_quote_delayed_past_the_deadline_is_refused_by_the_conditional_write(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process reads the round and checks the rules while the window is open; then it pauses."""
    (round,) = market.rounds(1, quoted=1)
    market.put_ends({round.id: market.quotes.now + timedelta(milliseconds=300)}, [round])
    held_up, made = [], commands.new_id

    def slow_id() -> str:
        held_up.append(market.quotes.now < round.closes_at)
        until(lambda: market.quotes.now > round.closes_at)
        return made()

    monkeypatch.setattr(commands, "new_id", slow_id)
    assert outcome(market.quote(round.id, 2)) == "window-ended"
    assert held_up[0]
    assert market.quotes.database.quotes.count_documents({"project_id": round.id}) == 1
    assert len(market.quotes.payloads(round.id, "quote.submitted")) == 1


@contextmanager
def wrong_clock(market: Market, offset: timedelta, root: Path, folder: Path) -> Iterator[str]:
    """Runs quotes, its HTTP side and worker, as processes with a wrong clock; yields the address of the HTTP side."""
    try:
        environ = shifted(build(folder), offset, os.environ)
    except NoCompiler as error:
        pytest.skip(str(error))
    program = [sys.executable, "-c", "import time; print(time.time())"]
    said = subprocess.run(program, env=environ, capture_output=True, text=True, check=True)
    assert abs(float(said.stdout) - market.quotes.now.timestamp() - offset.total_seconds()) < 30
    port, keys = free_port(), KeyServer(market.signer)
    environ |= SETTINGS | {"RELEVE_MONGO_URI": market.mongo_uri, "RELEVE_DB_PREFIX": market.prefix}
    environ |= {"RELEVE_ACCOUNTS_URL": keys.url}
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "services.quotes.app", side],
            env={**environ, "RELEVE_HTTP_PORT": str(number)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd=root,
        )
        for side, number in (("http", port), ("worker", free_port([port])))
    ]
    try:
        with keys:
            yield f"http://127.0.0.1:{port}"
    finally:
        for process in started:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz").status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.parametrize("offset", [WRONG_BY, -WRONG_BY], ids=["fast", "slow"])
def test_processes_five_minutes_off_keep_every_window_exact(
    market: Market, offset: timedelta, root: Path, tmp_path: Path
) -> None:
    over, soon, later = market.rounds(3, quoted=2)
    with wrong_clock(market, offset, root, tmp_path) as url:
        until(lambda: _ready(url), 60)

        def quote(project: str, number: int) -> httpx.Response:
            body, headers = {**TERMS, "project_id": project}, market.signer.header(mentor(project, number))
            return httpx.post(f"{url}/api/quotes", json=body, headers=headers, timeout=30)

        # a window with less than five minutes left accepts quotes, and one that has just ended does not
        now = market.quotes.now
        ends = {soon.id: now + timedelta(seconds=1), later.id: now + timedelta(minutes=2), over.id: now}
        market.put_ends(ends, [soon, later, over])
        late, in_time = quote(over.id, 3), quote(later.id, 3)
        assert (late.status_code, late.json()["type"]) == (409, "urn:releve:problem:window-ended")
        assert in_time.status_code == 201
        received_at = datetime.fromisoformat(in_time.json()["receipt"]["received_at"])
        assert now <= received_at <= market.quotes.now
        # the worker ends a window when it is over, and leaves the other one open
        until(lambda: all(market.quotes.payloads(one.id, "window.closed") for one in (soon, over)))
    for round, received in ((over, 2), (soon, 2), (later, 3)):
        assert len(check_round(market, round.id).live) == received
    for round in (over, soon):
        (row,) = [row for row in market.quotes.outbox(round.id) if row["name"] == "window.closed"]
        assert round.closes_at <= row["time"] < round.closes_at + timedelta(seconds=10)
    assert market.quotes.payloads(later.id, "window.closed") == []
