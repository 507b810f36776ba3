"""The last seconds of an HTTP process: what is in hand is finished, what comes new is sent elsewhere.

On SIGTERM the server's child refuses every request with 503 before anything is done, the health checks included,
and ends what would stay open. The gateway reads the headers of such a refusal: it takes the instance out at once and
gives the request, whatever its method, to another one.
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
"""How long new requests are refused before the socket closes: the gateway looks every second whether we are healthy."""
RETRY_AFTER_S = 1
REFUSED = {"X-Releve-Draining": "true", "X-Envoy-Immediate-Health-Check-Fail": "true"}
"""On a refusal alone: nothing was done, so any request may be tried again elsewhere."""
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Drain:
    """Whether this process is about to end, and what is to be closed then."""

    def __init__(self) -> None:
        self._begun = threading.Event()
        self._lock = threading.Lock()
        self._endings: list[Callable[[], None]] = []

    @property
    def begun(self) -> bool:
        """True from the signal on."""
        return self._begun.is_set()

    def on_begin(self, ending: Callable[[], None]) -> None:
        """``ending`` is called once when the drain begins; it ends what would stay open, and returns at once."""
        with self._lock:
            self._endings.append(ending)

    def begin(self) -> None:
        """New requests are refused from now on."""
        self._begun.set()
        with self._lock:
            endings = list(self._endings)
        for ending in endings:
            ending()

    def guard(self, app: Flask) -> None:
        """Has ``app`` refuse what comes once the drain has begun, and close the connection of each answer."""

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
"""A signal is for the whole process, and so is this."""


def drain_on_signals(drain: Drain = THIS_PROCESS) -> None:
    """Makes SIGTERM and SIGINT begin the drain, and stop the server ``REFUSE_S`` later; call it before any thread is.

    For granian's child: its own handlers close the socket at once, so no thread takes the signals but ours, which
    calls that handler when it is time. A second signal is for the master, which ends the child.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    of_the_master = signal.getsignal(signal.SIGTERM)

    def wait() -> None:
        number = signal.sigwait(STOP_SIGNALS)
        began = time.monotonic()
        drain.begin()
        stop = signal.getsignal(number)
        if stop is of_the_master or not callable(stop):  # granian is not there yet: still starting, nothing in hand
            os._exit(0)
        telemetry.log.info("drain_begins")
        time.sleep(max(0.0, REFUSE_S - (time.monotonic() - began)))
        stop(number, None)

    threading.Thread(target=wait, name="drain", daemon=True).start()
