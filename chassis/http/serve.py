"""Serves an application with granian: one process, blocking threads, a bounded stop."""

from granian import Granian
from granian.constants import Interfaces

from chassis.settings import Settings

KILL_AFTER_S = 3


def serve(target: str, settings: Settings) -> None:
    """Runs the WSGI application that the factory ``target`` (``module:function``) makes, until SIGTERM."""
    Granian(
        target,
        address=settings.http_host,
        port=settings.http_port,
        interface=Interfaces.WSGI,
        factory=True,
        workers=1,
        blocking_threads=settings.http_threads,
        backpressure=settings.http_threads * 4,
        workers_kill_timeout=KILL_AFTER_S,
        respawn_failed_workers=True,
        log_enabled=False,
    ).serve()
