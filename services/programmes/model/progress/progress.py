"""The published sums of one programme, and when they are updated."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.programmes.model.progress.batches import Batch, release
from services.programmes.model.progress.blocks import Block, Counts, admit, blocks_of
from services.programmes.model.progress.groups import DIMENSIONS, Person

MOST_HISTORY = 200


@dataclass
class Progress:
    """What anybody may read is computed from ``blocks`` and ``batches``, never from people.

    ``values`` are the rows by dimension. ``assessed`` are the ids of people in a batch; ``complete`` is how many people
    had both self-assessments at the last update. ``history`` holds the total of the blocks after each update.
    """

    programme: str
    blocks: list[Block] = field(default_factory=list)
    batches: list[Batch] = field(default_factory=list)
    values: dict[str, list[str]] = field(default_factory=dict)
    assessed: list[str] = field(default_factory=list)
    complete: int = 0
    history: list[tuple[datetime, Counts]] = field(default_factory=list)
    due_at: datetime | None = None
    version: int = 0

    def update(self, people: Sequence[Person], now: datetime, *, every: timedelta, widest: int, closed: bool) -> None:
        """Publishes what changed by enough people. ``every`` is the time until the next update.

        ``widest`` is the greatest change between two self-assessments. Once the programme is closed and nobody
        completed the second one since the last update, those who still wait are put together whatever their row.
        """
        self._count(people, now)
        complete = sum(one.changes is not None for one in people)
        known = set(self.assessed)
        waiting = [one for one in people if one.id not in known]
        for batch, ids in release(waiting, widest, now, last=closed and complete == self.complete):
            self.batches.append(batch)
            self.assessed += ids
        self.complete = complete
        self.due_at = now + every

    def _count(self, people: Sequence[Person], now: datetime) -> None:
        if not self.blocks:
            self.blocks = blocks_of(people)
            self.values = {name: _values(people, name) for name in DIMENSIONS}
        admit(self.blocks, people)
        updated = [block.update(people, now) for block in self.blocks]
        if any(updated):
            self.history = [*self.history, (now, total(self.blocks))][-MOST_HISTORY:]

    def forget(self, people: Sequence[str]) -> None:
        """Forgets the ids of erased people; the published sums stay."""
        gone = set(people)
        self.assessed = [id for id in self.assessed if id not in gone]
        for block in self.blocks:
            block.counted = {id: facts for id, facts in block.counted.items() if id not in gone}

    def freeze(self) -> None:
        """Forgets everybody's id; the published sums stay as they are, and are updated no more."""
        self.assessed, self.due_at = [], None
        for block in self.blocks:
            block.counted = {}


def total(blocks: Sequence[Block]) -> Counts:
    """The sums of the blocks; empty without any that was published."""
    published = [block for block in blocks if block.updated_at is not None]
    return {name: sum(block.figures[name] for block in published) for name in published[0].figures} if published else {}


def _values(people: Sequence[Person], dimension: str) -> list[str]:
    return sorted({one.traits[dimension] for one in people if one.traits.get(dimension)})
