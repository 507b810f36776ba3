"""Imports every part once, then forks a process for each request: `python -m deploy.local.seed DESCRIPTOR`.

The forks share the memory of what was imported, and start at once. The launcher (deploy/local/forked.py) has the other
end of the socket DESCRIPTOR; this process ends when that end closes. It opens no connection and starts no thread of
Python's, so that a fork begins like a new interpreter.
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
    lines: dict[int, socket.socket] = {}
    while True:
        ready = [key.fileobj for key, _ in selector.select()]
        if woken in ready:
            woken.recv(4096)
            _report_ends(lines)
        if control not in ready:
            continue
        request, received, _, _ = socket.recv_fds(control, LONGEST, MOST)
        if not request:
            return ""
        line, *descriptors = received
        pid = os.fork()
        if not pid:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            selector.close()
            for own in (control, wakes, woken, *lines.values()):
                own.close()
            _wait_for_begin(line)
            return _become(json.loads(request), descriptors)
        lines[pid] = socket.socket(fileno=line)
        for descriptor in descriptors:
            os.close(descriptor)


def _report_ends(lines: dict[int, socket.socket]) -> None:
    """Tells the launcher the exit status (negative: the signal's number) of each process that has ended."""
    with suppress(ChildProcessError):  # there is none left
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            with lines.pop(ended[0]) as line, suppress(OSError):  # the launcher may be gone
                line.send(str(os.waitstatus_to_exitcode(ended[1])).encode())


def _wait_for_begin(descriptor: int) -> None:
    """Tells this fork's id, and ends it if the launcher ends before it lets it run.

    The line stays open in this fork and in its own ones: when all of them have ended, the launcher sees that.
    """
    os.setsid()  # before the launcher knows the id, by which it ends the session
    line = socket.socket(fileno=descriptor)
    with suppress(OSError):
        line.send(f"id {os.getpid()}".encode())
        if line.recv(100):
            line.detach()
            return
    os._exit(1)


def _become(request: Mapping[str, Any], descriptors: Sequence[int]) -> str:
    """Makes this fork what `python -m MODULE ARGUMENTS` begins as. The first descriptor is its output.

    The other descriptors stay open as long as it runs, and in its own forks.
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
    sys.modules.pop(request["module"], None)  # it runs as `__main__`, and an import by its name reads it again
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
