"""The rules of README.md: what a mentor can do and what a brief asks for give a grade from 0 to 3.

``python -m tests.matching.grade`` writes ``grades.jsonl`` of the set and of the one in ``held``.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from tests.matching.labelled import HELD, HERE, Row, briefs, mentors, rows

LISTED, MOST_OF_A_STUFFER = 1, 1
LOWEST = {3: 2.5, 2: 1.6, 1: 0.6}
"""The lowest weighted mean of the levels for each grade."""


def levels(mentor: Row, competence: Row, needs: Mapping[str, Row]) -> dict[str, int]:
    """The mentor's level from 1 to 3 by need: what the bio shows, or 1 for a listed skill alone; none if denied."""
    listed = {need: LISTED for need, row in needs.items() if set(row["skills"]) & set(mentor["skills"])}
    shown = competence["competence"]
    found = {need: max(listed.get(need, 0), shown.get(need, 0)) for need in {*listed, *shown}}
    if competence["stuffer"]:
        found = {need: min(level, MOST_OF_A_STUFFER) for need, level in found.items()}
    return {need: level for need, level in found.items() if need not in competence["denied"]}


def grade(asked: Mapping[str, int], level: Mapping[str, int]) -> int:
    """The grade for a brief that asks for these needs, each with its weight."""
    mean = sum(weight * level.get(need, 0) for need, weight in asked.items()) / sum(asked.values())
    return next((grade for grade, least in LOWEST.items() if mean >= least), 0)


def share_a_language(brief: Row, mentor: Row) -> bool:
    return not set(brief["languages"]).isdisjoint(mentor["languages"])


def graded(folder: Path, *, by_eye: bool = True) -> list[Row]:
    """The lines of ``grades.jsonl``, best mentors first: the rules, then, if `by_eye`, the overrides."""
    needs = {row["id"]: row for row in rows(HERE, "needs")}
    competences = {row["mentor"]: row for row in rows(folder, "competences")}
    asked = {row["brief"]: row["needs"] for row in rows(folder, "asked")}
    overrides = {(row["brief"], row["mentor"]): row["grade"] for row in rows(folder, "overrides") if by_eye}
    people = mentors(folder)
    level = {mentor["id"]: levels(mentor, competences[mentor["id"]], needs) for mentor in people}
    found = []
    for brief in briefs(folder):
        of_brief = {}
        for mentor in people:
            if share_a_language(brief, mentor):
                by_rule = grade(asked[brief["id"]], level[mentor["id"]])
                of_brief[mentor["id"]] = overrides.get((brief["id"], mentor["id"]), by_rule)
        best_first = sorted((-grade, id) for id, grade in of_brief.items() if grade)
        found.append({"brief": brief["id"], "grades": {id: -minus for minus, id in best_first}})
    return found


def main() -> None:
    for folder in filter(Path.exists, (HERE, HELD)):
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in graded(folder))
        (folder / "grades.jsonl").write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
