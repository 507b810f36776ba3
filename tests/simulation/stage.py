"""The stage for histories: the real services on a real mongod, in virtual time, with the same people each time."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog

from chassis.mongo import Document as Row
from tests.kit.databases import empty
from tests.kit.market import Market
from tests.simulation.clock import VirtualClock
from tests.simulation.people import sign_up


@dataclass(frozen=True)
class Stage:
    """The services, their clock, and the stored rows of the people who have signed up, by collection."""

    world: Market
    clock: VirtualClock
    known: dict[str, list[Row]]

    @classmethod
    @contextmanager
    def on(cls, mongo_uri: str) -> Iterator["Stage"]:
        """Creates databases for this stage, dropped afterwards."""
        clock = VirtualClock()
        world = Market(mongo_uri, clock)
        try:
            with quiet_logs():
                yield cls(world, clock, sign_up(world))
        finally:
            world.close()

    def clear(self) -> None:
        """Resets the stage to the first moment of a history: nothing of an earlier one stays."""
        self.clock.restart()
        for service in self.world.services.values():
            empty(service.database, self.known)


@contextmanager
def quiet_logs() -> Iterator[None]:
    """Only errors are logged: a history's trace is enough."""
    config_before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    try:
        yield
    finally:
        structlog.configure(**config_before)
