"""The fault-injecting proxy, tested in front of an echo server."""

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import closing
from typing import NamedTuple

import pytest

from deploy.local.ports import free_port
from tests.kit.proxy import Mode, Proxies, Route

QUIET_S = 0.3
"""How long a test listens to a mute connection, in seconds."""
ANSWERED_S = 10.0


class Line(NamedTuple):
    """A proxy in front of the server, and its listening port."""

    proxies: Proxies
    port: int

    def set(self, mode: Mode) -> None:
        self.proxies.set(mode, "echo")

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), ANSWERED_S)


class Echo(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        for line in self.rfile:
            self.wfile.write(line)


@pytest.fixture
def line() -> Iterator[Line]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo) as server:
        server.daemon_threads, server.block_on_close = True, False
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = free_port()
        found = Line(Proxies({"echo": Route(port, server.server_address[1])}), port)
        found.proxies.start()
        try:
            yield found
        finally:
            found.proxies.stop()
            server.shutdown()


def answers(asked: socket.socket, within: float = ANSWERED_S) -> bool:
    """Whether the server answers within the time; raises `OSError` if the connection is broken."""
    asked.sendall(b"hello\n")
    asked.settimeout(within)
    try:
        if not (said := asked.recv(64)):
            raise ConnectionResetError
        return said == b"hello\n"
    except TimeoutError:
        return False


def test_mute_connection_stays_mute_after_the_fault(line: Line) -> None:
    with closing(line.connect()) as before:
        assert answers(before)
        line.set(Mode.MUTE)
        with closing(line.connect()) as during:
            assert not answers(before, QUIET_S)
            assert not answers(during, QUIET_S)
            line.set(Mode.PASS)
            assert not answers(before, QUIET_S)
            assert not answers(during, QUIET_S)
    with closing(line.connect()) as after:
        assert answers(after)


def test_half_broken_connection_answers_once(line: Line) -> None:
    with closing(line.connect()) as before:
        assert answers(before)
        line.set(Mode.HALF)
        with closing(line.connect()) as during:
            assert answers(during)
            assert not answers(during, QUIET_S)
            assert answers(before), "an existing connection keeps working"
            line.set(Mode.PASS)
            assert not answers(during, QUIET_S)
