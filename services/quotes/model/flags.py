"""Flags for operators: quotes whose proposals are copies, repetitive or filler; no word, no price. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.quotes.model.sketches import Sketch, may_be_copy, resemblance, share_within, step_of

NEAR_COPY, BRIEF_COPY, REPETITIVE, FILLER = "near-copy", "brief-copy", "too-repetitive", "filler"
REASONS = (NEAR_COPY, BRIEF_COPY, REPETITIVE, FILLER)


@dataclass(frozen=True)
class Sketched:
    """A quote by the sketch of its proposal. ``due_at`` is set until it has been compared with the others."""

    quote_id: str
    project_id: str
    account: str
    submitted_at: datetime
    sketch: Sketch
    due_at: datetime | None = None


@dataclass(frozen=True)
class Flag:
    """``quotes`` are one quote, or two of which one is a copy, in the order in which they were submitted.

    ``similarity`` is a step of `sketches.STEPS`, None where nothing was compared.
    """

    reason: str
    quotes: Sequence[Sketched] = field(default_factory=tuple)
    similarity: str | None = None

    @property
    def id(self) -> str:
        """The same for the same reason and quotes."""
        return ":".join([self.reason, *sorted(quote.quote_id for quote in self.quotes)])


def find_flags(quote: Sketched, others: Iterable[Sketched], brief: Iterable[int]) -> list[Flag]:
    """The flags of a quote, compared with other quotes and with all hashes of its round's brief."""
    flags = []
    if quote.sketch.filler:
        flags.append(Flag(FILLER, [quote]))
    if quote.sketch.repetitive:
        flags.append(Flag(REPETITIVE, [quote]))
    if step := step_of(share_within(quote.sketch, brief)):
        flags.append(Flag(BRIEF_COPY, [quote], step))
    own = frozenset(quote.sketch.hashes)
    for other in others:
        if not may_be_copy(own, other.sketch):
            continue
        if step := step_of(resemblance(quote.sketch, other.sketch)):
            pair = sorted([quote, other], key=lambda one: (one.submitted_at, one.quote_id))
            flags.append(Flag(NEAR_COPY, pair, step))
    return flags
