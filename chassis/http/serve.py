"""Serves an application with granian: one process, blocking threads, a stop within five seconds."""

import multiprocessing
import os
import signal
from collections.abc import Callable
from importlib import import_module
from types import FrameType

from flask import Flask
from granian import Granian
from granian.constants import Interfaces

from chassis.http.drain import STOP_SIGNALS, drain_on_signals
from chassis.settings import Settings

KILL_AFTER_S = 3
"""From the signal on, the drain included: what is in hand for longer is cut off."""


def serve(target: str, settings: Settings) -> None:
    """Runs the WSGI application that the factory ``target`` (``module:function``) makes, until SIGTERM or SIGINT.

    The first lets the child drain (`chassis.http.drain`), and the process is gone within five seconds, with status 0; a
    second ends everything at once, with the status that a shell gives such an end. A child that dies is replaced;
    `SystemExit` where one dies again at once.
    """
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
    )
    server.on_startup(lambda: _take_signals(server.signal_handler_interrupt))
    server.serve(target_loader=_load)
    os._exit(0)  # nothing is left to do, and taking the interpreter apart takes a third of a second


def _take_signals(stop: Callable[[], None]) -> None:
    """Gives the master handlers of our own, in place of those that granian has just set."""
    told: list[int] = []

    def handle(number: int, _frame: FrameType | None) -> None:
        told.append(number)
        stop()
        if len(told) > 1:
            for child in multiprocessing.active_children():
                child.kill()
            os._exit(128 + number)

    for number in STOP_SIGNALS:
        signal.signal(number, handle)


def _load(target: str) -> Flask:
    """Makes the application, in the child."""
    drain_on_signals()
    module, _, factory = target.partition(":")
    app: Flask = getattr(import_module(module), factory)()
    return app
