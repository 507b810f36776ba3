"""Imports every part once, then forks a process for each request: `python -m deploy.local.seed DESCRIPTOR`.

The forks share the memory of what was imported, and start at once. The launcher (deploy/local/forked.py) has the other
end of the socket DESCRIPTOR; this process ends when that end closes. It opens no connection and starts no thread, so
that a fork begins like a new interpreter.
"""

import gc
import importlib
import json
import os
import runpy
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from selectors import EVENT_READ, DefaultSelector
from typing import Any

from setproctitle import getproctitle, setproctitle

from contracts.parts import PARTS

LONGEST = 256 * 1024
"""Size of the largest request, in bytes; it holds an environment."""
MOST = 8
"""Descriptors that one request brings at most."""

LATER = ("chassis.broker.with_kafka_python", "granian.wsgi", "crc32c")
"""Modules that the parts import only where they need them."""


def until_forked(control: socket.socket) -> str:
    """Serves requests until the socket ends, and returns ""; in each fork, returns the name of the module to run."""
    wakes, woken = socket.socketpair()
    for end in (wakes, woken):
        end.setblocking(False)
    signal.set_wakeup_fd(wakes.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    selector = DefaultSelector()
    for end in (control, woken):
        selector.register(end, EVENT_READ)
    while True:
        ready = [key.fileobj for key, _ in selector.select()]
        if woken in ready:
            woken.recv(4096)
            _report(control)
        if control not in ready:
            continue
        request, descriptors, _, _ = socket.recv_fds(control, LONGEST, MOST)
        if not request:
            return ""
        if not os.fork():
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.setsid()
            _tell(control, os.getpid())  # not before: who is told may kill the session
            for own in (selector, control, wakes, woken):
                own.close()
            return _become(json.loads(request), descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def _report(control: socket.socket) -> None:
    """Reports the processes that have ended, with their exit status (negative: the signal's number)."""
    with suppress(ChildProcessError):  # there is none left
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            _tell(control, ended[0], os.waitstatus_to_exitcode(ended[1]))


def _tell(control: socket.socket, *what: int) -> None:
    with suppress(OSError):  # the launcher is gone, and the next read ends this process
        control.send(json.dumps(what).encode())


def _become(request: Mapping[str, Any], descriptors: Sequence[int]) -> str:
    """Makes this fork what `python -m MODULE ARGUMENTS` begins as.

    The first descriptor is its output; the others stay open as long as it runs, and in its own forks.
    """
    nothing = os.open(os.devnull, os.O_RDONLY)
    for descriptor, number in ((nothing, 0), (descriptors[0], 1), (descriptors[0], 2)):
        os.dup2(descriptor, number)
    for descriptor in (nothing, descriptors[0]):
        os.close(descriptor)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    sys.path[0] = request["cwd"]
    sys.argv[1:] = request["arguments"]
    sys.modules.pop(request["module"], None)  # it runs as `__main__`, and is imported again by who needs it by its name
    setproctitle(" ".join((sys.executable, "-m", request["module"], *request["arguments"])))
    return str(request["module"])


def _import_parts() -> None:
    for module in (*(f"{part.package}.app" for part in PARTS), *LATER):
        with suppress(Exception):  # the fork that runs it fails in the same way, and its log says why
            importlib.import_module(module)
    gc.collect()
    gc.freeze()  # a collection in a fork would write to every object's page, and so copy it


if __name__ == "__main__":
    getproctitle()  # finds where the title is, which takes the environment that a fork replaces
    _import_parts()
    if name := until_forked(socket.socket(fileno=int(sys.argv[1]))):
        runpy.run_module(name, run_name="__main__", alter_sys=True)
