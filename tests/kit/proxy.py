"""A network that can fail: small TCP proxies on 127.0.0.1, each in front of one engine's port.

All of them run in one thread of the process that made them, and that process switches their faults.
"""

import asyncio
import socket
import struct
import threading
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from enum import StrEnum
from typing import Any, NamedTuple

PIECE = 65_536
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends a reset, like a broken connection


class Mode(StrEnum):
    """What a proxy does with its traffic."""

    PASS = "pass"
    CUT = "cut"
    """Connections are reset, including new ones."""
    SLOW = "slow"
    """Every chunk is delayed by a number of seconds, in each direction."""
    DEAF = "deaf"
    """A request passes; its answer is dropped, and the connection is reset."""
    MUTE = "mute"
    """Connections are accepted and never answered. One made in this mode stays mute, like one to a hung process."""
    HALF = "half"
    """New connections fall mute after their first answer: a handshake begins and never ends."""


class Route(NamedTuple):
    """The port on which a proxy listens, and the port behind it."""

    port: int
    behind: int


class Proxies:
    """One proxy for each route, from `start` to `stop`.

    A connection whose first bytes contain `spared` is never affected. So members of a MongoDB replica set, which use
    the same addresses as clients do, stay connected to each other while clients are cut off.
    """

    def __init__(self, routes: Mapping[str, Route], spared: bytes = b"internalClient") -> None:
        self._routes, self._spared = dict(routes), spared
        self._modes = dict.fromkeys(self._routes, Mode.PASS)
        self._delay = 0.0
        self._open: dict[str, set[_Connection]] = {name: set() for name in self._routes}
        self._servers: list[asyncio.Server] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxies", daemon=True)

    def start(self) -> None:
        """Returns once all proxies listen; raises OSError."""
        self._thread.start()
        for name, route in self._routes.items():
            self._call(self._listen(name, route))

    def stop(self) -> None:
        """Resets every connection and stops listening."""
        if self._thread.is_alive():
            self._call(self._drop_all())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    def set(self, mode: Mode, *names: str, delay: float = 0.0) -> None:
        """Sets the mode of the proxies `names`; `delay`, in seconds, is for Mode.SLOW and shared by all."""
        self._call(self._set(mode, names, delay))

    def _call(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self, name: str, route: Route) -> None:
        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._serve(name, route.behind, reader, writer)

        self._servers.append(await asyncio.start_server(connected, "127.0.0.1", route.port))

    async def _set(self, mode: Mode, names: tuple[str, ...], delay: float) -> None:
        self._delay = delay
        for name in names:
            self._modes[name] = mode
            if mode is Mode.CUT:
                for connection in list(self._open[name]):
                    connection.reset_unless_spared()
            if mode is Mode.MUTE:
                for connection in self._open[name]:
                    connection.mute = not connection.spared

    async def _drop_all(self) -> None:
        for server in self._servers:
            server.close()
        for connections in self._open.values():
            for connection in list(connections):
                connection.reset()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:  # type: ignore[arg-type]
            task.cancel()
        await asyncio.sleep(0)

    async def _serve(self, name: str, behind: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = _Connection(writer)
        self._open[name].add(connection)
        try:
            await self._relay(name, behind, reader, connection)
        except (OSError, EOFError):
            pass  # one side has closed, and now the other is closed, too
        finally:
            self._open[name].discard(connection)
            connection.reset()

    async def _relay(self, name: str, behind: int, reader: asyncio.StreamReader, connection: "_Connection") -> None:
        first = await reader.read(PIECE)
        connection.spared = self._spared in first
        if not first or (self._modes[name] is Mode.CUT and not connection.spared):
            return
        connection.mute = self._modes[name] is Mode.MUTE and not connection.spared
        connection.half = self._modes[name] is Mode.HALF and not connection.spared
        if connection.mute:
            await _swallow(reader)
            return
        answers, upstream = await asyncio.open_connection("127.0.0.1", behind)
        connection.also(upstream)
        upstream.write(first)
        there = asyncio.create_task(self._pump(name, connection, reader, upstream, is_answer=False))
        back = asyncio.create_task(self._pump(name, connection, answers, connection.writer, is_answer=True))
        try:
            await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
            if connection.mute:  # the engine may have ended, unseen by its client
                await there
        finally:
            for task in (there, back):
                task.cancel()
            await asyncio.gather(there, back, return_exceptions=True)

    async def _pump(
        self, name: str, connection: "_Connection", source: asyncio.StreamReader, sink: asyncio.StreamWriter,
        *, is_answer: bool,
    ) -> None:  # fmt: skip
        """Forwards data until one side ends; data read before that is still forwarded."""
        late: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def read() -> None:
            try:
                while piece := await source.read(PIECE):
                    mode = Mode.PASS if connection.spared else self._modes[name]
                    if mode is Mode.DEAF and is_answer:
                        break
                    if connection.mute:
                        continue
                    connection.mute = connection.half and is_answer
                    delay = self._delay if mode is Mode.SLOW else 0.0
                    late.put_nowait((self._loop.time() + delay, piece))
            finally:
                late.put_nowait((0.0, b""))

        reading = asyncio.create_task(read())
        try:
            while True:
                due, piece = await late.get()
                if not piece:
                    return
                if (wait := due - self._loop.time()) > 0:
                    await asyncio.sleep(wait)
                sink.write(piece)
                await sink.drain()
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)


class _Connection:
    """Both sides of one connection."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self.writer, self.spared, self.mute, self.half = writer, False, False, False
        self._sides = [writer]

    def also(self, writer: asyncio.StreamWriter) -> None:
        """Adds the side towards the engine."""
        self._sides.append(writer)

    def reset_unless_spared(self) -> None:
        if not self.spared:
            self.reset()

    def reset(self) -> None:
        for side in self._sides:
            with suppress(OSError):
                side.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            side.transport.abort()


async def _swallow(reader: asyncio.StreamReader) -> None:
    """Reads until the client gives up."""
    while await reader.read(PIECE):
        pass
