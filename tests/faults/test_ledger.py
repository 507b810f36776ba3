"""The ledger's contents, and retries through a failing gateway: with one key, and every attempt recorded."""

import asyncio
import http.server
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.faults import ledger
from tests.faults.ledger import FIELDS, Ledger
from tests.faults.people import Answer, Person, Wire

Reply = tuple[int, dict[str, str], dict[str, Any]] | None
"""Status, headers and body; None closes the connection without an answer."""


class Gateway(http.server.ThreadingHTTPServer):
    """Sends the prepared replies one after the other, and records the keys of the requests."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.replies: list[Reply] = []
        self.keys: list[str | None] = []


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Gateway

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.keys.append(self.headers["Idempotency-Key"])
        reply = self.server.replies.pop(0)
        if reply is None:
            self.close_connection = True
            return
        status, headers, body = reply
        text = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(text))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with Gateway() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def asked(gateway: Gateway, path: Path, role: str, ask: Callable[[Person], Any]) -> tuple[Answer, Wire]:
    """The final answer that a person got."""

    async def run() -> tuple[Answer, Wire]:
        with Ledger(path) as kept:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{gateway.server_port}") as http:
                wire = Wire(http, kept)
                return await ask(Person(wire, role, "Thomas", [])), wire

    return asyncio.run(run())


def claim(person: Person) -> Any:
    return person.ask("POST", "/api/rounds/{project_id}/claim", {}, project="p", found_within_s=5)


def test_write_is_retried_with_one_key_until_it_is_answered(gateway: Gateway, tmp_path: Path) -> None:
    busy: Reply = (409, {}, {"type": "urn:releve:problem:idempotency-running"})
    limited: Reply = (429, {"Retry-After": "0"}, {"type": "urn:releve:problem:rate-limited"})
    gateway.replies = [None, (503, {}, {}), limited, busy, (404, {}, {}), (201, {}, {"expires_at": "soon"})]
    answer, wire = asked(gateway, tmp_path / "ledger", "mentor", claim)
    assert (answer.status, answer.body) == (201, {"expires_at": "soon"})
    assert len(set(gateway.keys)) == 1
    assert gateway.keys[0]
    attempts = ledger.read(tmp_path / "ledger")[1]
    assert [one["status"] for one in attempts] == [None, 503, 429, 409, 404, 201]
    assert [one["number"] for one in attempts] == [1, 2, 3, 4, 5, 6]
    assert attempts[0]["error"] == "RemoteProtocolError"
    assert attempts[3]["error"] == "idempotency-running"
    assert attempts[5]["got"] == {"expires_at": "soon"}
    assert {one["wish"] for one in attempts} == set(gateway.keys)
    assert wire.acknowledged == [(attempts[5]["answered"], "quotes")]


def test_refusal_is_an_answer_and_is_not_retried(gateway: Gateway, tmp_path: Path) -> None:
    gateway.replies = [(409, {}, {"type": "urn:releve:problem:round-full"})]
    answer, wire = asked(gateway, tmp_path / "ledger", "mentor", claim)
    assert answer.status == 409
    assert wire.acknowledged == []
    [attempt] = ledger.read(tmp_path / "ledger")[1]
    assert attempt["error"] == "round-full"
    assert "round-full" in attempt["heard"]


def test_text_that_a_client_reads_is_not_recorded(gateway: Gateway, tmp_path: Path) -> None:
    gateway.replies = [(200, {}, {"state": "cancelled"})]
    asked(gateway, tmp_path / "ledger", "client", lambda one: one.ask("POST", "/api/projects/{project_id}/cancellation",
                                                                     {}, project="p"))  # fmt: skip
    [attempt] = ledger.read(tmp_path / "ledger")[1]
    assert (attempt["heard"], attempt["got"]) == ("", {"state": "cancelled"})


def test_abandoned_request_is_recorded_as_unknown(tmp_path: Path) -> None:
    async def run() -> None:
        async def silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            asking.cancel()

        server = await asyncio.start_server(silent, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        with Ledger(tmp_path / "ledger") as kept:
            async with httpx.AsyncClient(base_url=url) as http:
                asking = asyncio.create_task(claim(Person(Wire(http, kept), "mentor", "Thomas", [])))
                await asyncio.gather(asking, return_exceptions=True)
        server.close()

    asyncio.run(run())
    [attempt] = ledger.read(tmp_path / "ledger")[1]
    assert (attempt["status"], attempt["answered"], attempt["error"]) == (None, None, "Unanswered")


def test_incomplete_line_is_ignored(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    with Ledger(path) as kept:
        kept.person("a", "mentor", "a@example.org", [])
        kept.attempt(dict.fromkeys(FIELDS))
        with path.open("a") as file:
            file.write('{"what":"attempt","sen')
        people, attempts = ledger.read(path)
    assert [person["account"] for person in people] == ["a"]
    assert attempts == [dict.fromkeys(FIELDS)]


def test_attempt_without_a_field_is_refused(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger") as kept, pytest.raises(ValueError, match="got"):
        kept.attempt(dict.fromkeys(set(FIELDS) - {"got"}))
