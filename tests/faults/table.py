"""The run's measurements as a table for people: one line per fault, with the findings."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from tests.kit.oracle.evidence import Finding

LOST = ("lost", "notification-missing", "window-never-ended")
DOUBLED = ("doubled", "window-ended-twice", "notification-doubled", "mail-doubled")
LATE_GOAL_S = 8.0
HEAD = ("fault", "times", "write gap s", "recovery s", "goal s", "windows late s", "lost", "doubled", "other")


@dataclass
class Measured:
    """One fault, made once. Moments are unix seconds; ``gap`` and ``recovery`` are seconds, None for never."""

    fault: str
    goal_s: float
    seed: int
    began: float
    ended: float
    gap: float | None = None
    recovery: float | None = None
    trouble: str = ""
    """Why the fault could not be made, or what had not recovered."""
    skipped: bool = False
    fatal: bool = False
    """Whether something was permanently lost afterwards, so that the run cannot continue."""
    checked: bool = False
    """Whether the writes of that time were checked."""
    late: list[float] = field(default_factory=list)
    """Lateness, in seconds, of the windows that were due during the fault."""
    found: list[Finding] = field(default_factory=list)
    """The findings about writes of that time."""

    @property
    def over(self) -> float:
        """The moment of recovery."""
        return self.ended + (self.recovery or 0.0)

    def count(self, kinds: Iterable[str]) -> int:
        """Number of findings of these kinds."""
        return sum(finding.kind in kinds for finding in self.found)


def attribute(measured: Sequence[Measured], findings: Iterable[Finding]) -> list[Finding]:
    """Assigns each finding to the last fault begun before its write; returns the findings without a time."""
    rest = []
    for finding in findings:
        begun = [one for one in measured if finding.at is not None and one.began <= finding.at]
        if begun:
            begun[-1].found.append(finding)
        else:
            rest.append(finding)
    return rest


def attribute_lateness(measured: Sequence[Measured], late: Iterable[tuple[float, float]]) -> None:
    """Assigns the lateness of windows (due at, seconds late) to the fault that lasted, or was recovered from, then."""
    for due, seconds in late:
        for one in measured:
            if not one.skipped and one.began <= due <= one.over:
                one.late.append(seconds)


def missed(measured: Iterable[Measured], late_goal: Iterable[str]) -> list[str]:
    """The missed goals, one line each; ``late_goal`` names the faults during which windows must end in time."""
    lines = []
    late_goal = set(late_goal)
    for one in measured:
        if one.skipped:
            continue
        if not one.checked:
            lines.append(f"{one.fault}: could not check what was lost (seed {one.seed})")
        if one.recovery is None:
            lines.append(f"{one.fault}: {one.trouble} (seed {one.seed})")
        elif one.recovery > one.goal_s:
            lines.append(f"{one.fault}: recovered after {one.recovery:.1f} s, goal {one.goal_s:.0f} (seed {one.seed})")
        if one.fault in late_goal and max(one.late, default=0) > LATE_GOAL_S:
            worst = f"a window ended {max(one.late):.1f} s late, goal {LATE_GOAL_S:.0f}"
            lines.append(f"{one.fault}: {worst} (seed {one.seed})")
    return lines


def rows(measured: Sequence[Measured]) -> list[tuple[str, ...]]:
    """The table's rows, in the order in which faults first appear."""
    lines = []
    for name in dict.fromkeys(one.fault for one in measured):
        every = [one for one in measured if one.fault == name]
        made = [one for one in every if not one.skipped]
        if not made:
            lines.append((name, "0", f"skipped: {every[0].trouble}", *[""] * (len(HEAD) - 3)))
            continue
        kinds = Counter(finding.kind for one in made for finding in one.found)
        other = ", ".join(f"{count} {kind}" for kind, count in kinds.items() if kind not in (*LOST, *DOUBLED))
        late = [seconds for one in made for seconds in one.late]
        counts = (_count(made, LOST), _count(made, DOUBLED), other or _count(made, ()))
        lines.append((
            name, str(len(made)), _both([one.gap for one in made]), _both([one.recovery for one in made]),
            f"{made[0].goal_s:.0f}", f"{max(late):.1f}" if late else "–",
            *counts,
        ))  # fmt: skip
    return lines


def markdown(measured: Sequence[Measured]) -> str:
    """The table in Markdown; a pair of figures is median and worst."""
    every = [HEAD, *rows(measured)]
    widths = [max(len(row[column]) for row in every) for column in range(len(HEAD))]
    padded = [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in every]
    lines = ["| " + " | ".join(cells) + " |" for cells in padded]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines) + "\n"


def as_json(measured: Sequence[Measured], summary: Mapping[str, Any]) -> str:
    """All results in JSON."""
    return json.dumps({**summary, "measured": [asdict(one) for one in measured]}, indent=1, ensure_ascii=False) + "\n"


def from_json(text: str) -> tuple[list[Measured], list[Finding]]:
    """Returns the measurements and the findings ``without_time`` from such a text."""
    said = json.loads(text)
    every = [Measured(**{**one, "found": [Finding(**finding) for finding in one["found"]]}) for one in said["measured"]]
    return every, [Finding(**finding) for finding in said["without_time"]]


def _count(made: Sequence[Measured], kinds: Iterable[str]) -> str:
    """Number of findings of these kinds; "?" if not all runs were checked."""
    return str(sum(one.count(kinds) for one in made)) if all(one.checked for one in made) else "?"


def _both(values: Sequence[float | None]) -> str:
    """Median and worst."""
    known = [value for value in values if value is not None]
    if not known:
        return "never"
    worst = "never" if None in values else f"{max(known):.1f}"
    return f"{median(known):.1f} / {worst}"
