"""Serves an application with granian: one child process with blocking threads, which stops within five seconds."""

import multiprocessing
import os
import signal
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Protocol

from flask import Flask
from granian import Granian
from granian.constants import Interfaces

from chassis import telemetry
from chassis.http.drain import STOP_SIGNALS, drain_on_signals
from chassis.inside import Inside

KILL_AFTER_S = 3
"""Seconds from the signal until the child is killed, including the drain. Requests still in flight are cut off."""


class Listening(Protocol):
    """Where a process listens, with how many blocking threads, and its certificate for TLS."""

    @property
    def http_host(self) -> str: ...
    @property
    def http_port(self) -> int: ...
    @property
    def http_threads(self) -> int: ...
    @property
    def tls(self) -> Inside: ...


def serve(target: str, settings: Listening) -> None:
    """Serves the WSGI application that the factory ``target`` (``module:function``) returns, until SIGTERM or SIGINT.

    The first signal drains the child (`chassis.http.drain`), and the process ends within five seconds with status 0. A
    second signal ends everything immediately, with status 128 plus the signal's number. A child that crashes is
    replaced. Raises `SystemExit` if the new child crashes immediately.
    """
    own = Path(settings.tls.certificate) if settings.tls.certificate else None  # with its key, TLS 1.3 at least
    server = Granian(
        target,
        address=settings.http_host,
        port=settings.http_port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=settings.http_threads,
        backpressure=settings.http_threads * 4,
        workers_kill_timeout=KILL_AFTER_S,
        respawn_failed_workers=True,
        log_enabled=False,
        ssl_cert=own,
        ssl_key=own,
    )
    server.on_startup(lambda: _take_signals(server.signal_handler_interrupt))
    server.serve(target_loader=_load)
    telemetry.flush()
    os._exit(0)  # nothing is left to do, and the interpreter's shutdown would take a third of a second


def _take_signals(stop: Callable[[], None]) -> None:
    """Replaces the master's signal handlers, which granian has just set."""
    received: list[int] = []

    def handle(number: int, _frame: FrameType | None) -> None:
        received.append(number)
        stop()
        if len(received) > 1:
            for child in multiprocessing.active_children():
                child.kill()
            os._exit(128 + number)

    for number in STOP_SIGNALS:
        signal.signal(number, handle)


def _load(target: str) -> Flask:
    """Creates the application, in the child process."""
    drain_on_signals()
    module, _, factory = target.partition(":")
    app: Flask = getattr(import_module(module), factory)()
    return app
