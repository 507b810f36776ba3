"""Chooses free ports of the loopback interface, and remembers them."""

import json
import random
import socket
from collections.abc import Iterable
from pathlib import Path

from deploy.local.process import StartError

LOWEST, HIGHEST = 20_000, 29_999
"""Below the kernel's range for outgoing connections, which could take a saved port."""


def is_free(port: int) -> bool:
    """Whether no program listens on 127.0.0.1:port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port in TIME_WAIT may be reused
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def require_free(name: str, *ports: int) -> None:
    """Raises StartError if a program already listens on one of `ports`."""
    for port in ports:
        if not is_free(port):
            raise StartError(f"{name} cannot start: port {port} of 127.0.0.1 is in use by another program.")


def free_port(taken: Iterable[int] = ()) -> int:
    """A free port that is not one of `taken`."""
    taken = set(taken)
    for port in random.sample(range(LOWEST, HIGHEST + 1), 2000):
        if port not in taken and is_free(port):
            return port
    raise StartError(f"No free port between {LOWEST} and {HIGHEST} on 127.0.0.1.")


def saved_ports(path: Path, names: Iterable[str]) -> dict[str, int]:
    """A port for each name: the saved one if it is still free, otherwise a new one, saved to `path`."""
    try:
        before = json.loads(path.read_text())
    except (OSError, ValueError):
        before = {}
    ports: dict[str, int] = {}
    for name in names:
        port = before.get(name)
        usable = isinstance(port, int) and port not in ports.values() and is_free(port)
        ports[name] = port if usable else free_port(ports.values())
    path.write_text(json.dumps(ports, indent=1) + "\n")
    return ports
