"""A request to solve: for a proposal, or for new partners of people whose pair ended. A worker's job carries it out.

A worker claims a request until a time (a lease) and extends the claim while it solves. A worker that dies loses its
claim, and another takes the request over. What a solver brings is stored only under the claim that it started with.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.programmes.model.pairing.proposal import Conflict

PROPOSAL, REMATCH = "proposal", "rematch"
REQUESTED, SOLVING, READY, INFEASIBLE, FAILED, SUPERSEDED = (
    "requested",
    "solving",
    "ready",
    "infeasible",
    "failed",
    "superseded",
)
UNFINISHED = (REQUESTED, SOLVING)
LEASE = timedelta(seconds=20)
"""How long a claim lasts without being extended."""
MOST_TRIES = 3
"""How often a request is started: a solver that kills its worker must not kill every worker."""
RETRY = timedelta(seconds=1)
"""How long after a failed attempt the next one begins."""
MOST_RESTARTS = 3
"""How often a solver starts again because people changed meanwhile; then its outdated proposal is stored."""
LONG = timedelta(minutes=1)
"""From here on the person who asked is told by a message; until then they are still waiting in front of the page."""


@dataclass
class Solve:
    """A request. ``number`` counts a programme's requests for a proposal.

    ``inputs`` is the fingerprint of what is being solved, ``wanted`` counts the wishes of a rematch, and ``conflicts``
    holds the smallest sets of rules that cannot hold together. ``due_at`` is when a worker may claim the request: at
    once, or at the end of the present claim; None once it is finished.
    """

    id: str
    programme: str
    kind: str
    created_at: datetime
    number: int = 0
    asked_by: str = ""
    state: str = REQUESTED
    progress: float = 0.0
    inputs: str = ""
    claim: str = ""
    tries: int = 0
    restarts: int = 0
    wanted: int = 0
    conflicts: Sequence[Conflict] = ()
    finished_at: datetime | None = None
    due_at: datetime | None = None
    version: int = 0

    @property
    def unfinished(self) -> bool:
        """Whether its result is still to come."""
        return self.state in UNFINISHED

    def start(self, claim: str, inputs: str, now: datetime) -> bool:
        """Begins to solve under this claim. Returns False if it failed too often and is given up."""
        if self.tries >= MOST_TRIES:
            self.finish(FAILED, now)
            return False
        self.state, self.claim, self.inputs, self.progress = SOLVING, claim, inputs, 0.0
        self.tries, self.due_at = self.tries + 1, now + LEASE
        return True

    def fail(self, now: datetime) -> None:
        """An attempt failed: another follows, or the request has failed. One that could not begin counts, too."""
        if self.state == REQUESTED:
            self.tries += 1
        if self.tries >= MOST_TRIES:
            self.finish(FAILED, now)
        else:
            self.due_at = now + RETRY

    def held_by(self, claim: str) -> bool:
        """Whether this claim may still store a result."""
        return self.state == SOLVING and self.claim == claim

    def restart(self, now: datetime) -> bool:
        """Asks for another run, because what was solved changed meanwhile; False if that happened too often."""
        if self.restarts >= MOST_RESTARTS:
            return False
        self.restarts += 1
        self.state, self.claim, self.tries, self.progress, self.due_at = REQUESTED, "", 0, 0.0, now
        return True

    def want(self, now: datetime) -> None:
        """Records one more wish. A run under way will not have seen it, so `finish_run` asks for another."""
        self.wanted += 1
        if self.state != SOLVING:
            self.state, self.claim, self.tries, self.progress, self.due_at = REQUESTED, "", 0, 0.0, now

    def finish_run(self, seen: int, now: datetime) -> None:
        """Ends a run that saw ``seen`` wishes; asks for another if there are more."""
        if self.wanted > seen:
            self.state, self.claim, self.tries, self.progress, self.due_at = REQUESTED, "", 0, 0.0, now
        else:
            self.finish(READY, now)

    def finish(self, state: str, now: datetime, conflicts: Sequence[Conflict] = ()) -> None:
        """Ends the request: ``ready``, ``infeasible``, ``failed`` or ``superseded``."""
        self.state, self.conflicts, self.finished_at, self.due_at = state, list(conflicts), now, None
        self.progress = 1.0 if state == READY else self.progress

    def took_long(self, now: datetime) -> bool:
        """Whether the person who asked has probably left the page."""
        return now - self.created_at >= LONG


def next_request(programme: str, before: Solve | None, asked_by: str, now: datetime) -> Solve:
    """The request for a proposal that follows ``before``, due at once."""
    number = before.number + 1 if before else 1
    return Solve(f"{programme}:{number}", programme, PROPOSAL, now, number, asked_by, due_at=now)


def rematch_id(programme: str) -> str:
    """The id of a programme's one request for new partners."""
    return f"{programme}:rematch"
