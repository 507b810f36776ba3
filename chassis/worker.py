"""The worker side of a service: runs relay, consumer and timers as threads, serves health checks and stops cleanly."""

import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

from flask import Blueprint, Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from chassis import telemetry
from chassis.http.app import health
from chassis.mongo import Documents
from chassis.settings import Settings

STOP_WITHIN_S = 4.0
"""Seconds that all jobs together get to stop, so that the process ends within five seconds."""
LOOK_S = 0.1


class _Silent(WSGIRequestHandler):
    timeout = 10  # seconds without a byte, TLS handshake included

    def log(self, type: str, message: str, *args: Any) -> None:
        """Logs nothing: the server answers health checks and scrapes only."""


def run_worker(
    settings: Settings,
    database: Documents,
    jobs: Sequence[tuple[str, Callable[[], None]]],
    stop: threading.Event,
    healthy: Callable[[], bool] = lambda: True,
    pages: Sequence[Blueprint] = (),
) -> None:
    """Runs each job in a thread until SIGTERM or SIGINT, lets the jobs finish their current work and ends the process.

    Stopping takes less than five seconds: a transaction that is cut off is rolled back, and its event is redelivered. A
    second signal ends the process immediately. ``/readyz`` fails while ``healthy`` returns False, and ``pages`` are
    served beside it. A job that fails ends the whole process with status 1, so that its supervisor restarts it.
    """
    died: list[str] = []

    def guard(name: str, job: Callable[[], None]) -> None:
        try:
            job()
        except Exception as error:
            died.append(name)
            place = telemetry.error_place(error)
            telemetry.log.error("job_died", job=name, error=telemetry.error_name(error), place=place)
        finally:
            stop.set()

    _stop_on_signals(stop)
    threads = [threading.Thread(target=guard, args=job, name=job[0], daemon=True) for job in jobs]
    _serve_health(settings, database, threads, stop, healthy, pages)
    for thread in threads:
        thread.start()
    telemetry.log.info("worker_started", jobs=[name for name, _ in jobs])
    while not stop.is_set():  # not `wait`: the signal handler runs in this thread and could deadlock on its lock
        time.sleep(LOOK_S)
    deadline = time.monotonic() + STOP_WITHIN_S
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    telemetry.log.info("worker_stopped", died=died, late=[t.name for t in threads if t.is_alive()])
    telemetry.flush()
    os._exit(1 if died else 0)  # exit hooks of a client library may wait for a broker that is away


def _stop_on_signals(stop: threading.Event) -> None:
    received: list[int] = []

    def handle(number: int, _frame: FrameType | None) -> None:
        received.append(number)
        stop.set()
        if len(received) > 1:
            os._exit(128 + number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handle)


def _serve_health(
    settings: Settings,
    database: Documents,
    threads: Sequence[threading.Thread],
    stop: threading.Event,
    healthy: Callable[[], bool],
    pages: Sequence[Blueprint],
) -> None:
    app = Flask(settings.service + "-worker", static_folder=None)

    def ready() -> bool:
        if stop.is_set() or not healthy():
            return False
        primary: bool = database.client.admin.command("hello")["isWritablePrimary"]
        return primary and all(thread.is_alive() for thread in threads)

    for page in (health(ready), *pages):
        app.register_blueprint(page)
    server = make_server(settings.http_host, settings.http_port, app, threaded=True, request_handler=_Silent)
    if tls := settings.tls.server():  # the handshake belongs to the request's thread: a slow one must not block others
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()
