"""The stage for histories of programmes: programmes and notify on a real mongod, in virtual time, and a cohort.

People take part by account here, because the passes of the others depend on the real time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from chassis.ids import new_id
from chassis.mongo import connect
from services.programmes import store
from services.programmes.commands import solving
from tests.kit.databases import empty
from tests.kit.programmes import Programmes
from tests.kit.services import Running
from tests.simulation.clock import VirtualClock
from tests.simulation.stage import quiet_logs

MENTORS, MENTEES = 4, 4


PLANTED = "zqzarn"
"""A part of each person's name and address."""


@dataclass(frozen=True)
class Seat:
    """One of the people: ref, side and account."""

    ref: str
    side: str
    account: str

    @property
    def email(self) -> str:
        """The planted address."""
        return f"{PLANTED}{self.ref}@people.example"

    @property
    def row(self) -> dict[str, Any]:
        """The person as the owner enrols them."""
        skill = {"offers": ["crm"]} if self.side == "mentor" else {"wants": ["crm"]}
        name = f"{PLANTED.title()} {self.ref}"
        return {"ref": self.ref, "name": name, "email": self.email, "side": self.side, **skill}


SEATS = (
    *(Seat(f"m{number}", "mentor", f"mentor-m{number}") for number in range(1, MENTORS + 1)),
    *(Seat(f"e{number}", "mentee", f"client-e{number}") for number in range(1, MENTEES + 1)),
)


@dataclass(frozen=True)
class CohortStage:
    """Programmes and notify on a real mongod, in virtual time."""

    programmes: Programmes
    notify: Running
    clock: VirtualClock

    @classmethod
    @contextmanager
    def on(cls, mongo_uri: str) -> Iterator["CohortStage"]:
        """Creates databases for this stage, dropped afterwards."""
        clock = VirtualClock()
        programmes = Programmes(connect(mongo_uri, "cohort_programmes", app="test"), clock=clock,
                                RELEVE_PROPOSAL_WAIT="PT0S")  # fmt: skip
        notify = Running("notify", connect(mongo_uri, "cohort_notify", app="test"), clock=clock)
        with quiet_logs():
            yield cls(programmes, notify, clock)
        programmes.drop()
        notify.drop()

    def clear(self) -> None:
        """Resets the stage to the first moment of a history."""
        self.clock.restart()
        for service in (self.programmes, self.notify):
            empty(service.database, {})


class Solver:
    """A worker's solver: claims a request in one step, and stores what it found in another."""

    def __init__(self, service: Programmes) -> None:
        self._service = service
        self._task: solving.Task | None = None

    @property
    def busy(self) -> bool:
        """Whether it has a claim."""
        return self._task is not None

    def step(self) -> str:
        """Takes one step; a worker that dies in between leaves its claim to run out."""
        work, config = self._service.work, self._service.config
        if self._task is None:
            solve_id = store.due_solve(self._service.database, work.now())
            if solve_id is None:
                return "finds nothing to solve"
            claim = new_id()
            self._task = work.run(lambda unit: solving.begin(unit, solve_id, claim, config))
            return "claims" if self._task else "gives up"
        task, self._task = self._task, None
        result = task.work.solve(task.problem, lambda progress: None)
        kept = work.run(lambda unit: solving.finish(unit, task, result, config))
        return f"stores {task.solve.kind}" if kept else "has lost its claim"
