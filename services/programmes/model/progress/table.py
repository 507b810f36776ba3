"""The table that a reader sees: a row for the whole and one for each category, from published sums only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.programmes.model.progress.batches import Batch
from services.programmes.model.progress.blocks import Block, Counts
from services.programmes.model.progress.groups import DIMENSIONS, ORGANISATION
from services.programmes.model.progress.progress import Progress, total


@dataclass(frozen=True)
class Changes:
    """The guarded sums of the changes between two self-assessments of ``people`` people, by question."""

    people: int
    sums: dict[str, int]

    @property
    def means(self) -> dict[str, float]:
        """The mean change by question, rounded to a tenth."""
        return {name: round(amount / self.people, 1) + 0.0 for name, amount in self.sums.items()}


@dataclass(frozen=True)
class Row:
    """Figures and changes of a category of people, each None where withheld. ``by`` is None for the whole."""

    by: str | None
    value: str | None
    figures: Counts | None
    changes: Changes | None
    updated_at: datetime | None


def table(progress: Progress, organisation: str | None = None) -> list[Row]:
    """All rows, the whole first; for an organiser only blocks and batches of their ``organisation``'s people."""
    blocks, batches = progress.blocks, progress.batches
    if organisation is not None:
        blocks = [one for one in blocks if one.traits.get(ORGANISATION) == organisation]
        batches = [one for one in batches if one.traits.get(ORGANISATION) == organisation]
    rows = [_row(None, None, blocks, batches)]
    for dimension in DIMENSIONS:
        for value in progress.values.get(dimension, []):
            if organisation is not None and dimension == ORGANISATION:
                continue  # the whole is this row
            within = [one for one in blocks if one.traits.get(dimension) == value]
            rows.append(_row(dimension, value, within, [one for one in batches if one.traits.get(dimension) == value]))
    return rows


def changes_of(batches: Sequence[Batch]) -> Changes | None:
    """The changes of these batches together; None without any."""
    people = sum(batch.people for batch in batches)
    if not people:
        return None
    questions = sorted({name for batch in batches for name in batch.sums})
    sums = {name: sum(batch.sums.get(name, 0) for batch in batches) for name in questions}
    return Changes(people, sums)


def _row(by: str | None, value: str | None, blocks: Sequence[Block], batches: Sequence[Batch]) -> Row:
    times = [block.updated_at for block in blocks if block.updated_at] + [batch.made_at for batch in batches]
    return Row(by, value, total(blocks) or None, changes_of(batches), max(times, default=None))
