"""The whole system behind failing connections: clients reach each broker and replica set member through a proxy."""

from typing import Any

from deploy.local.shape import Ports, Shape
from deploy.local.system import System
from deploy.local.task import Task
from tests.kit.proxy import Proxies, Route
from tests.kit.signals import crash, pause, resume


class ProxiedShape(Shape):
    """Engines announce the port of their proxy and listen on their own."""

    @property
    def ports(self) -> list[str]:
        return [*super().ports, *map(_proxy, (*self.kafkas, *self.mongos))]

    def advertised(self, name: str, ports: Ports) -> int:
        return ports[_proxy(name)]


class FaultySystem(System):
    """A `System` with a proxy in front of each engine, whose processes can be crashed and paused.

    `names` are services (`quotes`), sides of them (`quotes-worker`) or engines (`kafka-2`).
    """

    shape: ProxiedShape

    def __init__(self, *arguments: Any, shape: ProxiedShape, **more: Any) -> None:
        super().__init__(*arguments, shape=shape, **more)
        self.proxies = Proxies({})
        """Proxies by the name of the broker or member behind them."""

    def kill(self, *names: str) -> None:
        """Crashes processes: the supervisor notices and restarts services."""
        self.parts.each(self.parts.named(*names), crash)

    def pause(self, *names: str) -> None:
        """Pauses processes until `resume`."""
        self.parts.each(self.parts.named(*names), pause)

    def resume(self, *names: str) -> None:
        """Resumes paused processes."""
        self.parts.each(self.parts.named(*names), resume)

    def close(self) -> None:
        super().close()
        self.proxies.stop()

    def _start_engines(self) -> list[Task]:
        names = (*self.shape.kafkas, *self.shape.mongos)
        self.proxies = Proxies({name: Route(self._ports[_proxy(name)], self._ports[name]) for name in names})
        self.proxies.start()
        return super()._start_engines()


def _proxy(name: str) -> str:
    return f"{name}-proxy"
