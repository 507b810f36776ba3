"""The labelled texts: `corpus` and `weak` may be tuned against, the others are only measured (see README.md)."""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.projects.model.leaks import Identity

HERE = Path(__file__).parent
TUNED, ASIDE = HERE / "corpus.jsonl", HERE / "aside.jsonl"
WEAK, WEAK_ASIDE = HERE / "weak.jsonl", HERE / "weak-aside.jsonl"
"""More disguises of the families that the scan found worst, without clean texts."""
UNSEEN = HERE / "unseen.jsonl"
"""Texts of the size of a trial, written after the rules that they measure and read once."""
MARK = re.compile("⟦([^⟦⟧⟪⟫]+)⟧|⟪([^⟦⟧⟪⟫]+)⟫")
ORDINARY = "common-ordinary"


@dataclass(frozen=True)
class Span:
    """A labelled place, in code points of the text without marks; `certain` is False for a common word."""

    start: int
    end: int
    certain: bool

    def overlaps(self, start: int, end: int) -> bool:
        return self.start < end and start < self.end


@dataclass(frozen=True)
class Text:
    id: str
    language: str
    family: str
    identity: Identity
    text: str
    spans: tuple[Span, ...]

    @property
    def clean(self) -> bool:
        return not self.spans

    @property
    def ordinary(self) -> bool:
        """Only a common word in its ordinary sense is marked: a question may be asked, a refusal is wrong."""
        return self.family == ORDINARY


def read(path: Path) -> list[Text]:
    return [_text(row) for row in rows(path)]


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """Each line as it is written, with its marks."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def unmarked(marked: str) -> tuple[str, tuple[Span, ...]]:
    """The text without its marks, and the places that were marked."""
    text, spans, last = "", [], 0
    for mark in MARK.finditer(marked):
        text += marked[last : mark.start()]
        inside = mark[1] or mark[2]
        spans.append(Span(len(text), len(text) + len(inside), mark[1] is not None))
        text += inside
        last = mark.end()
    return text + marked[last:], tuple(spans)


def is_aside(id: str) -> bool:
    """A third, chosen by the id alone, so that no look at a text or a result can choose it."""
    return int(hashlib.sha256(id.encode()).hexdigest(), 16) % 3 == 0


def _text(row: dict[str, Any]) -> Text:
    text, spans = unmarked(row["text"])
    return Text(row["id"], row["language"], row["family"], _identity(row["identity"]), text, spans)


def _identity(fields: dict[str, Any]) -> Identity:
    given: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}
    return Identity(**given)
