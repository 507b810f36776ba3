"""Reading the labelled set. A ranker under test gets `mentors` and `posting(brief)`, nothing else of this folder."""

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
HELD = HERE / "held"
"""Other mentors and briefs, in another style. Whoever tunes a ranker prints no figures of them."""
EXACT, VAGUE, HARD = GROUPS = ("exact", "vague", "hard")
TUNED, ASIDE = SPLITS = ("tuned", "aside")
GOOD = 2
"""The lowest grade of a mentor whom a client would be glad to get a quote from."""
POSTED = ("title", "brief", "topics", "languages", "budget")
"""The fields of a brief that a client posts; the others label it."""

Row = dict[str, Any]


def rows(folder: Path, name: str) -> list[Row]:
    """The lines of a file, each a JSON object."""
    return [json.loads(line) for line in (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def mentors(folder: Path = HERE) -> list[Row]:
    """The mentors, with ``id`` and the fields of a profile."""
    return rows(folder, "mentors")


def briefs(folder: Path = HERE, *, split: str | None = None, group: str | None = None) -> list[Row]:
    """The briefs, with ``id``, ``group``, ``split`` and the fields of a posting."""
    every = rows(folder, "briefs")
    return [row for row in every if split in (None, row["split"]) and group in (None, row["group"])]


def posting(brief: Row) -> Row:
    """What a client posts of a brief, without its labels."""
    return {field: brief[field] for field in POSTED}


def grades(folder: Path = HERE) -> dict[str, dict[str, int]]:
    """The grades from 1 to 3 by brief and mentor; a mentor who is not there has grade 0."""
    return {row["brief"]: row["grades"] for row in rows(folder, "grades")}
