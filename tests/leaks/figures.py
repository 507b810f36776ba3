"""What the scan found of the corpus: recall of marked places, and false alarms."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from services.projects.model.leaks import FieldLeak, find_leaks
from tests.leaks.corpus import Span, Text


@dataclass(frozen=True)
class Result:
    """One text, its findings, the marked places that none overlaps, and the findings that overlap no mark."""

    text: Text
    found: tuple[FieldLeak, ...]

    @property
    def missed(self) -> tuple[Span, ...]:
        return tuple(
            span for span in self.text.spans if not any(span.overlaps(leak.start, leak.end) for leak in self.found)
        )

    @property
    def beside(self) -> tuple[FieldLeak, ...]:
        return tuple(
            leak for leak in self.found if not any(span.overlaps(leak.start, leak.end) for span in self.text.spans)
        )

    @property
    def refused(self) -> tuple[FieldLeak, ...]:
        """Certain findings in a text that names nobody: beside the marks, or on a word in its ordinary sense."""
        return tuple(leak for leak in (self.found if self.text.ordinary else self.beside) if certain(leak))

    @property
    def asked(self) -> tuple[FieldLeak, ...]:
        return tuple(leak for leak in self.beside if not certain(leak))


@dataclass(frozen=True)
class Share:
    """`hits` of `of`, with Wilson's 95 % interval."""

    hits: int
    of: int

    @property
    def rate(self) -> float:
        return self.hits / self.of if self.of else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        if not self.of:
            return (0.0, 1.0)
        z, n, p = 1.959964, self.of, self.rate
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return (max(0.0, middle - half), min(1.0, middle + half))


def certain(leak: FieldLeak) -> bool:
    return bool(getattr(leak, "certain", True))


def scanned(texts: Iterable[Text]) -> list[Result]:
    return [Result(text, tuple(find_leaks({"text": text.text}, text.identity))) for text in texts]


def recall(results: Iterable[Result]) -> Share:
    """Marked places that a certain or doubtful finding overlaps. Words in their ordinary sense do not count."""
    chosen = [result for result in results if not result.text.ordinary]
    of = sum(len(result.text.spans) for result in chosen)
    return Share(of - sum(len(result.missed) for result in chosen), of)


def wrongly_refused(results: Iterable[Result]) -> Share:
    """Texts without a leak in which a finding is certain: clean ones, and common words in their ordinary sense."""
    return _share(result.refused for result in results if result.text.clean or result.text.ordinary)


def wrongly_asked(results: Iterable[Result]) -> Share:
    """Clean texts in which a finding is doubtful."""
    return _share(result.asked for result in results if result.text.clean)


def _share(findings: Iterable[tuple[FieldLeak, ...]]) -> Share:
    every = list(findings)
    return Share(sum(1 for each in every if each), len(every))
