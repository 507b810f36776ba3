"""The worker side of each service, and what goes wrong with it how often."""

import random
from dataclasses import dataclass

from tests.kit.services import Running
from tests.simulation.clock import VirtualClock
from tests.simulation.transport import Consuming, Effects, Firing, Log, Relaying, Stream


@dataclass(frozen=True)
class Weather:
    """What goes wrong how often; every history has weather of its own, so that some are calm in one respect."""

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
    """The worker side of one service, and processes that were given up and go on all the same."""

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
        """Whether there is something to read, or in hand."""
        return any(one.busy for one in self.consumers) or self.consumers[0].has_events()

    def restart(self) -> None:
        """The process dies, whatever it had in hand, and another one starts. Those given up earlier die too."""
        self.relays = [Relaying(self.service, self._log, self._clock)]
        self.consumers = [Consuming(self.effects, self._log, self.committed)]
        self.firings = [Firing(self.service, self._clock)]

    def give_up(self) -> None:
        """It is held for dead: another one takes over, and the old one goes on with what it had in hand."""
        self.relays = [Relaying(self.service, self._log, self._clock), *[one for one in self.relays if one.batch]]
        busy = [one for one in self.consumers if one.busy]
        self.consumers = [Consuming(self.effects, self._log, self.committed), *busy]
        self.firings = [Firing(self.service, self._clock), *self.firings[:1]]
