"""Draining: an HTTP process that stops finishes the requests in flight and sends new ones to another instance.

On SIGTERM the server's child refuses every request with 503 before it has any effect, health checks included, and
closes long-lived responses. From the headers of such a refusal, the gateway immediately stops routing to this instance
and retries the request, whatever its method, on another one.
"""

import os
import signal
import threading
import time
from collections.abc import Callable

from flask import Flask, Response, g

from chassis import telemetry
from chassis.facts import Refusal

REFUSE_S = 1.5
"""Seconds for which new requests are refused before the socket closes. The gateway checks health every second."""
RETRY_AFTER_S = 1
REFUSED = {"X-Releve-Draining": "true", "X-Envoy-Immediate-Health-Check-Fail": "true"}
"""Headers of such a refusal only. The request had no effect, so the gateway may retry it elsewhere."""
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Drain:
    """The drain of this process: whether it has begun, and what to close when it begins."""

    def __init__(self) -> None:
        self._begun = threading.Event()
        self._lock = threading.Lock()
        self._endings: list[Callable[[], None]] = []

    @property
    def begun(self) -> bool:
        """Whether the drain has begun."""
        return self._begun.is_set()

    def on_begin(self, ending: Callable[[], None]) -> None:
        """Registers a function that closes a long-lived response. It is called once, when the drain begins.

        It must not block.
        """
        with self._lock:
            self._endings.append(ending)

    def begin(self) -> None:
        """Begins the drain: refuses new requests from now on and calls the registered endings."""
        self._begun.set()
        with self._lock:
            endings = list(self._endings)
        for ending in endings:
            ending()

    def guard(self, app: Flask) -> None:
        """Makes ``app`` refuse requests once the drain has begun and close the connection after each answer."""

        @app.before_request
        def refuse() -> None:
            if self.begun:
                g.refused = True
                raise Refusal("unavailable", "This part is being restarted; try again.", retry_after=RETRY_AFTER_S)

        @app.after_request
        def close(response: Response) -> Response:
            if self.begun:
                response.headers["Connection"] = "close"
            if "refused" in g:
                response.headers.update(REFUSED)
            return response


THIS_PROCESS = Drain()
"""The drain of the whole process, as a signal concerns the whole process."""


def drain_on_signals(drain: Drain = THIS_PROCESS) -> None:
    """Makes SIGTERM and SIGINT begin the drain, and stop the server `REFUSE_S` later. Call it before starting threads.

    For granian's child, whose own handlers close the socket immediately. Only the thread started here receives the
    signals, and it calls granian's handler after the drain. A second signal reaches the master, which ends the child.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    of_the_master = signal.getsignal(signal.SIGTERM)

    def wait() -> None:
        number = signal.sigwait(STOP_SIGNALS)
        began = time.monotonic()
        drain.begin()
        stop = signal.getsignal(number)
        if stop is of_the_master or not callable(stop):  # granian is still starting: no request is in flight
            os._exit(0)
        telemetry.log.info("drain_begins")
        time.sleep(max(0.0, REFUSE_S - (time.monotonic() - began)))
        telemetry.flush()
        stop(number, None)

    threading.Thread(target=wait, name="drain", daemon=True).start()
