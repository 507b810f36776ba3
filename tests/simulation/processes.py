"""The worker side of each service, and how often it fails in which way."""

import random
from dataclasses import dataclass

from tests.kit.services import Running
from tests.simulation.clock import VirtualClock
from tests.simulation.transport import Consuming, Effects, Firing, Log, Relaying, Stream


@dataclass(frozen=True)
class Weather:
    """How often each fault occurs; every history has its own weather, so some are free of one fault."""

    dropping: float
    crashes: float
    time: float
    relay: float
    consumer: float
    timer: float

    @classmethod
    def of(cls, chance: random.Random) -> "Weather":
        """By chance."""
        dropping, crashes = chance.choice([0.0, 0.1, 0.4]), chance.choice([0.0, 0.03, 0.1])
        return cls(dropping, crashes, chance.choice([0.1, 0.5]), *(chance.choice([0.5, 1.5, 4.0]) for _ in range(3)))


class Processes:
    """The worker side of one service, and processes that were replaced and still run."""

    def __init__(self, service: Running, log: Log, clock: VirtualClock) -> None:
        self.service, self._log, self._clock = service, log, clock
        self.effects = Effects(service)
        self.committed: dict[Stream, int] = {}
        self.relays: list[Relaying] = []
        self.consumers: list[Consuming] = []
        self.firings: list[Firing] = []
        self.restart()

    @property
    def has_events(self) -> bool:
        """Whether events are waiting or in flight."""
        return any(one.busy for one in self.consumers) or self.consumers[0].has_events()

    def restart(self) -> None:
        """Kills the process with its events in flight and starts another. Replaced processes are killed, too."""
        self.relays = [Relaying(self.service, self._log, self._clock)]
        self.consumers = [Consuming(self.effects, self._log, self.committed)]
        self.firings = [Firing(self.service, self._clock)]

    def give_up(self) -> None:
        """Treats the process as dead: another takes over, and the old one continues with its events in flight."""
        self.relays = [Relaying(self.service, self._log, self._clock), *[one for one in self.relays if one.batch]]
        busy = [one for one in self.consumers if one.busy]
        self.consumers = [Consuming(self.effects, self._log, self.committed), *busy]
        self.firings = [Firing(self.service, self._clock), *self.firings[:1]]
