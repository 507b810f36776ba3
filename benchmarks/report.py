"""Formats the figures as tables for a terminal and for a document."""

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.usage import Held
from deploy.local.shape import Shape

BEGIN, END = "<!-- make bench: begin -->", "<!-- make bench: end -->"
PARTS = {"mongo": "MongoDB", "kafka": "Kafka", "services": "the last of the service processes", "gateway": "everything"}


def say(line: str) -> None:
    """Prints a line of progress without buffering."""
    print(f"… {line}", flush=True)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table with aligned columns: the first to the left, the others to the right."""
    widths = [max(len(row[n]) for row in (head, *rows)) for n in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        first, *rest = (
            cell.rjust(width) if n else cell.ljust(width)
            for n, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        return f"| {' | '.join((first, *rest))} |"

    rule = [("-" * width if n == 0 else "-" * (width - 1) + ":") for n, width in enumerate(widths)]
    return "\n".join([line(head), line(rule), *map(line, rows)])


def starts(fresh: Mapping[str, float], second: Mapping[str, float]) -> str:
    """A table of the seconds from the start until each part was ready."""

    def moment(timings: Mapping[str, float], part: str) -> str:
        names = Shape().processes if part == "services" else (part,)
        return f"{max(timings[name] for name in names):.1f}"

    rows = [[title, moment(fresh, part), moment(second, part)] for part, title in PARTS.items()]
    return table(["seconds until ready", "fresh folder", "second start"], rows)


def memory(idle: Mapping[str, Held], loaded: Mapping[str, Held]) -> str:
    """A table of each process's memory in MiB."""
    rows = [[name, *_mebibytes(idle[name]), *_mebibytes(loaded[name])] for name in idle]
    sums = [Held(sum(h.resident for h in x.values()), sum(h.proportional for h in x.values())) for x in (idle, loaded)]
    rows.append(["all", *_mebibytes(sums[0]), *_mebibytes(sums[1])])
    return table(["MiB", "idle RSS", "idle PSS", "loaded RSS", "loaded PSS"], rows)


def times(stages: Mapping[str, Sequence[float]]) -> str:
    """A table of the milliseconds until each stage."""
    rows = [[title, *(f"{value:.1f}" for value in points(seconds))] for title, seconds in stages.items()]
    return table(["ms since the moment it was due", "median", "p90", "p99", "max"], rows)


def ratios(stages: Mapping[str, Sequence[float]], yardstick: Sequence[float]) -> str:
    """A table of each stage's time as a multiple of the yardstick's, at the median and the 99th percentile."""
    bare = points(yardstick)
    rows = []
    for title, seconds in stages.items():
        own = points(seconds)
        rows.append([title, f"{own[0] / bare[0]:.1f}", f"{own[2] / bare[2]:.1f}"])
    return table(["times the yardstick", "median", "p99"], rows)


def points(seconds: Sequence[float]) -> list[float]:
    """Median, 90th percentile, 99th percentile and maximum, in milliseconds."""
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return [1000 * value for value in (statistics.median(seconds), cuts[89], cuts[98], max(seconds))]


def rewrite(document: Path, text: str) -> None:
    """Replaces the text between the markers of a document. Raises `ValueError` if the document lacks them."""
    before, begin, rest = document.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{document} does not have the lines {BEGIN} and {END}")
    document.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}")


def _mebibytes(held: Held) -> list[str]:
    return [f"{held.resident:.0f}", f"{held.proportional:.0f}"]
