"""The table that a reader sees: a row for the whole and one for each category, from published sums only."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.programmes.model.progress.batches import Batch
from services.programmes.model.progress.blocks import Block, Counts
from services.programmes.model.progress.groups import DIMENSIONS, ORGANISATION
from services.programmes.model.progress.progress import Progress, total


@dataclass(frozen=True)
class Changes:
    """The guarded sums of the changes between two self-assessments of ``people`` people, by statement.

    ``answers`` is how many of them each statement was for.
    """

    people: int
    sums: dict[str, int]
    answers: dict[str, int]

    @property
    def means(self) -> dict[str, float]:
        """The mean change by statement, rounded to a tenth."""
        return {name: _mean(amount, self.answers[name]) for name, amount in self.sums.items()}

    @property
    def mean(self) -> float:
        """The mean change of all answers, rounded to a tenth."""
        return _mean(sum(self.sums.values()), sum(self.answers.values()))


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
    sums, answers = Counter[str](), Counter[str]()
    for batch in batches:
        for name, amount in batch.sums.items():
            sums[name] += amount
            answers[name] += batch.people
    return Changes(people, dict(sorted(sums.items())), dict(answers))


def _mean(amount: int, people: int) -> float:
    return round(amount / people, 1) + 0.0  # never -0.0


def _row(by: str | None, value: str | None, blocks: Sequence[Block], batches: Sequence[Batch]) -> Row:
    times = [block.updated_at for block in blocks if block.updated_at] + [batch.made_at for batch in batches]
    return Row(by, value, total(blocks) or None, changes_of(batches), max(times, default=None))
