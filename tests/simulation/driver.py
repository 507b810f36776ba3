"""Drives services through a history: time passes, events are delivered, processes die, in an order set by the seed.

A subclass adds the people: what they may do next, and what must hold after it.
"""

import random
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

from pymongo.errors import PyMongoError

from chassis import ids
from tests.kit.services import Running
from tests.simulation.clock import VirtualClock
from tests.simulation.processes import Processes, Weather
from tests.simulation.transport import NOTHING_DUE, Crash, Log

STEPS = 130
MOST_STEPS = 5_000
SHOWN = 25
MOST_FIRINGS = 200
Steps = Iterator[tuple[float, Callable[[], None]]]


class Violation(AssertionError):
    """A broken promise. States the seed, the step and the steps before it."""

    def __init__(self, seed: int, trace: list[str], error: BaseException) -> None:
        last = "\n  ".join(trace[-SHOWN:])
        again = f"RELEVE_TEST_SEED={seed} make test ARGS=tests/simulation"
        super().__init__(f"seed {seed}, step {len(trace)}: {error!r}\n  {last}\nthe same again: {again}")
        self.seed, self.step, self.error = seed, len(trace), error


class Driver:
    """One history of these services. The same seed gives the same history."""

    NOT_AWAITED: frozenset[str] = frozenset()
    """Collections whose deadlines a history does not wait for at its end: they recur, or delete what is checked."""

    def __init__(self, services: Iterable[Running], clock: VirtualClock, seed: int) -> None:
        self._clock, self.seed = clock, seed
        self._chance = random.Random(seed)
        self._weather = Weather.of(self._chance)
        self._log = Log()
        self._processes = {one.name: Processes(one, self._log, clock) for one in services}
        self._quiet = dict.fromkeys(self._processes, False)
        """Services whose relay has found no rows since their last step."""
        self._nothing_due = dict(self._quiet)
        """Services whose timers have found nothing due since their last step and since time last passed."""
        self.trace: list[str] = []

    def run(self) -> None:
        """Runs the history; raises `Violation`."""
        lots = random.Random(self.seed)
        with ids.drawn_from(lambda: f"id{lots.getrandbits(80):020x}"):
            try:
                self._live()
            except Exception as error:
                raise Violation(self.seed, self.trace, error) from error

    # What a subclass adds.

    def _begin(self) -> None:
        """Resets the stage, and takes the first step."""
        raise NotImplementedError

    def _people(self) -> Steps:
        """The steps that people may take next, each with its weight."""
        raise NotImplementedError

    def _settling(self) -> bool:
        """Whether somebody acts now, although the history is to end; if so, they have acted."""
        raise NotImplementedError

    def _after(self, service: Running, subject: str) -> bool:
        """Checks what a step has changed about a subject; returns whether it has."""
        raise NotImplementedError

    def _check(self) -> None:
        """Checks the end of the history."""
        raise NotImplementedError

    # The history.

    def _live(self) -> None:
        self._begin()
        for _ in range(STEPS):
            self._step()
        self._settle()
        self._check()

    def _step(self) -> None:
        weights, steps = zip(*self._steps(), strict=True)
        self._chance.choices(steps, weights)[0]()
        if self._chance.random() < self._weather.crashes:
            self._trouble(self._any())

    def _steps(self) -> Steps:
        """The possible next steps, each with its weight."""
        weather = self._weather
        yield weather.time, self._let_time_pass
        yield from self._people()
        for name, one in self._processes.items():
            if not self._quiet[name]:
                yield weather.relay, partial(self._relay, one)
            if one.has_events:
                yield weather.consumer, partial(self._consume, one)
            if not self._nothing_due[name]:
                yield weather.timer, partial(self._fire, one)

    def _settle(self) -> None:
        """Delivers everything and lets time pass, until nothing is left to happen."""
        for _ in range(MOST_STEPS):
            if (busy := self._busy()) is not None:
                self._deliver(busy)
                continue
            if self._settling():
                continue
            coming = self._next_deadline()
            if coming is None:
                return
            self._clock.pass_to(coming + timedelta(seconds=self._chance.choice([0, 1, 600])))
            self._time_has_passed()
            for one in self._processes.values():
                self._fire_all(one)
        raise AssertionError("the history does not come to an end")

    def _fire_all(self, one: Processes) -> None:
        for _ in range(MOST_FIRINGS):
            if self._nothing_due[one.service.name]:
                return
            self._fire(one)
        raise AssertionError(f"a deadline of {one.service.name} is fired and does not pass")

    def _busy(self) -> str | None:
        """A service that still has something to deliver."""
        kinds = [f"relay:{name}" for name, quiet in self._quiet.items() if not quiet]
        kinds += [f"consumer:{name}" for name, one in self._processes.items() if one.has_events]
        return self._chance.choice(kinds) if kinds else None

    def _deliver(self, busy: str) -> None:
        kind, _, name = busy.partition(":")
        one = self._processes[name]
        (self._relay if kind == "relay" else self._consume)(one)
        if self._chance.random() < self._weather.crashes / 3:
            self._trouble(one)

    # One step of a process.

    def _let_time_pass(self) -> None:
        coming, by = self._next_deadline(), timedelta(seconds=self._chance.choice([1, 60, 1_200]))
        if coming is not None and self._chance.random() < 0.3:
            self._clock.pass_to(coming + timedelta(milliseconds=self._chance.choice([-1, 0, 1, 60_000])))
        else:
            self._clock.pass_to(self._clock.moment + by)
        self._time_has_passed()

    def _relay(self, one: Processes) -> None:
        relay = self._chance.choice(one.relays)
        said = relay.step(self._chance, self._weather.dropping)
        self._say(f"{one.service.name} relay", said)
        self._quiet[one.service.name] = said == "reads 0" and not any(other.batch for other in one.relays)

    def _consume(self, one: Processes) -> None:
        consumer = self._chance.choice(one.consumers)
        one.effects.dies_inside = self._chance.random() < self._weather.crashes
        try:
            said, project = consumer.step(self._chance)
        except Crash:
            said, project = "dies inside a transaction", ""
            one.restart()
        except PyMongoError as error:
            raise AssertionError(f"{one.service.name} cannot handle an event: {type(error).__name__}") from error
        self._say(f"{one.service.name} consumer", said)
        one.consumers = [one.consumers[0], *[other for other in one.consumers[1:] if other.busy]]
        if project:
            self._changed(one.service, [project])

    def _fire(self, one: Processes) -> None:
        try:
            said, found = self._chance.choice(one.firings).step(self._chance)
        except PyMongoError as error:
            raise AssertionError(f"{one.service.name} cannot fire a deadline: {type(error).__name__}") from error
        self._say(f"{one.service.name} timer", said)
        self._nothing_due[one.service.name] = said == NOTHING_DUE and not any(firing.busy for firing in one.firings)
        self._changed(one.service, found)

    def _trouble(self, one: Processes) -> None:
        """A process dies, is treated as dead, or loses the commit of its offset."""
        name = self._chance.choice(["dies", "is given up", "loses commits"])
        if name == "dies":
            one.restart()
        elif name == "is given up":
            one.give_up()
        elif one.committed:
            stream = self._chance.choice(list(one.committed))
            one.committed[stream] = self._chance.randint(0, one.committed[stream])
            one.restart()
        self._say(one.service.name, name)

    # Shared by the steps.

    def _say(self, who: str, what: str) -> None:
        self.trace.append(f"{len(self.trace)} {who}: {what}")

    def _time_has_passed(self) -> None:
        self._say("time", self._clock.moment.isoformat())
        self._nothing_due = dict.fromkeys(self._nothing_due, False)

    def _changed(self, service: Running, subjects: list[str]) -> None:
        for subject in subjects:
            if self._after(service, subject):
                self._quiet[service.name] = self._nothing_due[service.name] = False

    def _any(self) -> Processes:
        return self._chance.choice(list(self._processes.values()))

    def _next_deadline(self) -> Any:
        found = []
        for one in self._processes.values():
            for deadline in one.service.service.deadlines:
                if deadline.collection in self.NOT_AWAITED:
                    continue
                first = one.service.database[deadline.collection].find_one(
                    {deadline.field: {"$exists": True}}, {deadline.field: 1}, sort=[(deadline.field, 1)]
                )
                found += [first[deadline.field]] if first else []
        return min(found, default=None)
