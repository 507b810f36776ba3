"""The worker side of a service: relay, consumer and timers as threads, a health page, an orderly stop."""

import os
import signal
import threading
from collections.abc import Callable, Sequence
from typing import Any

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from chassis import telemetry
from chassis.http.app import health
from chassis.mongo import Documents
from chassis.settings import Settings

STOP_WITHIN_S = 5.0


class _Silent(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        """Health checks are not worth a line."""


def run_worker(
    settings: Settings,
    database: Documents,
    jobs: Sequence[tuple[str, Callable[[], None]]],
    stop: threading.Event,
) -> None:
    """Runs each job in a thread until SIGTERM or SIGINT, then lets them finish what is in hand.

    A job that dies takes the process down (status 1): whoever supervises it starts it again, whole.
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

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    threads = [threading.Thread(target=guard, args=job, name=job[0], daemon=True) for job in jobs]
    page = _health_page(settings, database, threads)
    for thread in threads:
        thread.start()
    telemetry.log.info("worker_started", jobs=[name for name, _ in jobs])
    stop.wait()
    for thread in threads:
        thread.join(STOP_WITHIN_S)
    page.shutdown()
    telemetry.log.info("worker_stopped", died=died, late=[t.name for t in threads if t.is_alive()])
    os._exit(1 if died else 0)  # a client library's exit hooks may wait for a broker that is gone


def _health_page(settings: Settings, database: Documents, threads: Sequence[threading.Thread]) -> Any:
    app = Flask(settings.service + "-worker", static_folder=None)

    def ready() -> bool:
        primary: bool = database.client.admin.command("hello")["isWritablePrimary"]
        return primary and all(thread.is_alive() for thread in threads)

    app.register_blueprint(health(ready))
    server = make_server(settings.http_host, settings.http_port, app, threaded=True, request_handler=_Silent)
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()
    return server
