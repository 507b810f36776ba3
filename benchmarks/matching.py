"""How well mentors are found: the ranking against chance, skills, BM25 and the ranking of November, by nDCG@12.

`make evaluate-matching`, with ARGS="--write docs/measurements/matching.md" to keep the figures, and a JSON file and
plots beside it. A minute of one core. ARGS=--held measures the set that nobody tunes on: once, at the end of a change.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks import machine, report
from benchmarks.bars import bars
from benchmarks.rankers import Current, Ranker, Remembering, Row, baselines
from benchmarks.report import say
from benchmarks.retrieval import FIRST, TOP, WITHIN, Estimate, Judged, estimated, judged
from benchmarks.spoilt import mistaken, mistyped
from benchmarks.without import SWITCHES, without
from contracts.fit.encoder import small_e5
from services.matching.model.ranking import WEIGHTS
from tests.matching.labelled import ASIDE, GROUPS, HELD, HERE, SPLITS, briefs, grades, mentors, posting, rows

ALL: Final = "all"
NEW: Final = "new"
GOALS: Final = {ALL: 0.80, "exact": 0.92, "vague": 0.75, "hard": 0.70}
"""The least nDCG@12 on the part set aside."""
RIVALS: Final = ("BM25", "November")
SPOILT: Final[Mapping[str, Callable[[Row], Row]]] = {
    "as written": lambda posting: posting,
    "5 % mistyped": lambda posting: mistyped(posting, 0.05),
    "10 % mistyped": lambda posting: mistyped(posting, 0.1),
    "20 % mistyped": lambda posting: mistyped(posting, 0.2),
    "one wrong topic": mistaken,
}


@dataclass(frozen=True)
class Line:
    """One ranking over the briefs of one part: nDCG@12 by group, the shares of the good mentors who are not in the
    first places that `WITHIN` counts, and the briefs with a stuffer in the top five."""

    ranking: str
    ndcg: dict[str, Estimate]
    missed: tuple[float, ...]
    stuffed: int
    briefs: int


class Labelled:
    """The labelled briefs of one part, and how a ranking is judged on them."""

    def __init__(self, folder: Path, split: str) -> None:
        self.briefs = briefs(folder, split=split)
        self._grades = grades(folder)
        self._stuffers = frozenset(row["mentor"] for row in rows(folder, "competences") if row["stuffer"])

    def judge(self, ranker: Ranker, spoil: Callable[[Row], Row] = SPOILT["as written"]) -> list[Judged]:
        """Judges each brief."""
        return [judged(ranker(spoil(posting(brief))), self._grades[brief["id"]], self._stuffers)
                for brief in self.briefs]  # fmt: skip

    def by_group(self, values: Sequence[float]) -> dict[str, Estimate]:
        """The estimates over all briefs and over each group, of one value for each brief."""
        found = {ALL: estimated(values)}
        for group in GROUPS:
            own = [value for brief, value in zip(self.briefs, values, strict=True) if brief["group"] == group]
            found[group] = estimated(own)
        return found

    def line(self, name: str, found: Sequence[Judged]) -> Line:
        """Sums up what was judged."""
        good = sum(one.good for one in found)
        missed = tuple(sum(one.missed[place] for one in found) / good for place in range(len(WITHIN)))
        return Line(name, self.by_group([one.ndcg for one in found]), missed, sum(one.stuffed for one in found),
                    len(found))  # fmt: skip


@dataclass(frozen=True)
class Part:
    """What was measured on one part of the set."""

    name: str
    rankings: list[Line]
    better: dict[str, dict[str, Estimate]]
    alone: list[Line]
    left_out: list[Line]
    switched_off: list[Line]
    spoilt: dict[str, dict[str, Estimate]]


def main(arguments: Sequence[str]) -> int:
    """Runs the command and returns its exit status: 1 if a goal is missed on the part set aside."""
    parser = argparse.ArgumentParser(prog="benchmarks.matching", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--write", type=Path, metavar="DOCUMENT", help="rewrite the section of this document")
    parser.add_argument("--held", action="store_true", help="measure only the set that nobody tunes on")
    asked = parser.parse_args(arguments)
    where = machine.described(os.getloadavg())
    if asked.held:
        print(f"{where}\n\n{rankings(held())}")
        return 0
    found = measured()
    text = "\n\n".join([where, *(section(part) for part in found)])
    print(f"\n{text}")
    if asked.write:
        report.rewrite(asked.write, text)
        asked.write.with_suffix(".json").write_text(json.dumps([asdict(part) for part in found], indent=1) + "\n")
        for name, plot in plots(found).items():
            asked.write.with_name(f"{asked.write.stem}-{name}.svg").write_text(plot)
        say(f"written to {asked.write}")
    aside = next(part for part in found if part.name == ASIDE)
    return 0 if all(reached for _, reached in goals(aside.rankings)) else 1


def held() -> list[Line]:
    """The rankings over the briefs and mentors of `HELD`."""
    people, labelled = mentors(HELD), Labelled(HELD, ASIDE)
    every: dict[str, Ranker] = {**baselines(people), NEW: Current(people, Remembering(small_e5()))}
    return [labelled.line(name, labelled.judge(ranker)) for name, ranker in every.items()]


def measured() -> list[Part]:
    """Measures both parts."""
    encoder, people = Remembering(small_e5()), mentors()
    say("portraits of the mentors")
    current = Current(people, encoder)
    every: dict[str, Ranker] = {**baselines(people), NEW: current}
    parts = []
    for split in SPLITS:
        labelled = Labelled(HERE, split)
        say(f"rankings of the part {split}")
        judged_by = {name: labelled.judge(ranker) for name, ranker in every.items()}
        alone = {name: current.by({name: 1.0}) for name in WEIGHTS}
        others = {name: current.by({key: weight for key, weight in WEIGHTS.items() if key != name})
                  for name in WEIGHTS}  # fmt: skip
        say(f"mistakes in the briefs of the part {split}")
        compared = {name: every[name] for name in (*RIVALS, NEW)}
        spoilt = {
            kind: {name: estimated([one.ndcg for one in labelled.judge(ranker, spoil)])
                   for name, ranker in compared.items()}
            for kind, spoil in SPOILT.items()
        }  # fmt: skip
        parts.append(
            Part(
                name=split,
                rankings=[labelled.line(name, found) for name, found in judged_by.items()],
                better={name: better(labelled, judged_by[NEW], judged_by[name]) for name in RIVALS},
                alone=[labelled.line(name, labelled.judge(ranker)) for name, ranker in alone.items()],
                left_out=[labelled.line(name, labelled.judge(ranker)) for name, ranker in others.items()],
                switched_off=[],
                spoilt=spoilt,
            )
        )
    for step in SWITCHES:
        say(f"without a step: {step}")
        with without(step):
            changed = Current(people, encoder)
            for part in parts:
                labelled = Labelled(HERE, part.name)
                part.switched_off.append(labelled.line(step, labelled.judge(changed)))
    return parts


def better(labelled: Labelled, ours: Sequence[Judged], theirs: Sequence[Judged]) -> dict[str, Estimate]:
    """By how much nDCG@12 of ours is higher, brief by brief."""
    return labelled.by_group([one.ndcg - other.ndcg for one, other in zip(ours, theirs, strict=True)])


def goals(lines: Sequence[Line]) -> list[tuple[str, bool]]:
    """Each goal in words, and whether the new ranking reaches it."""
    new = next(line for line in lines if line.ranking == NEW)
    found = [(f"{group} at least {least:.2f}: {new.ndcg[group].mean:.3f}", new.ndcg[group].mean >= least)
             for group, least in GOALS.items()]  # fmt: skip
    off = new.missed[-1]
    return [
        *found,
        (f"good mentors off the list under 3 %: {off:.1%}", off < 0.03),
        (f"no stuffer in a top five: {new.stuffed}", new.stuffed == 0),
    ]


def section(part: Part) -> str:
    """The tables of one part."""
    reached = "\n".join(f"- {said}: {'reached' if met else 'MISSED'}" for said, met in goals(part.rankings))
    head = ["nDCG@12 higher by", ALL, *GROUPS]
    differences = [[f"{NEW} − {name}", *(str(one) for one in found.values())] for name, found in part.better.items()]
    spoilt = [[kind, *(str(one) for one in found.values())] for kind, found in part.spoilt.items()]
    return "\n\n".join(
        [
            f"### Part {part.name}: {part.rankings[0].briefs} briefs",
            rankings(part.rankings),
            f"Goals:\n\n{reached}",
            report.table(head, differences),
            "Each part of the score alone:",
            short(part.alone),
            "The score without one part:",
            short(part.left_out),
            "The score with portraits and needs made without one step:",
            short(part.switched_off),
            "nDCG@12 over all briefs with mistakes in them:",
            report.table(["briefs", *RIVALS, NEW], spoilt),
        ]
    )


def rankings(lines: Sequence[Line]) -> str:
    """One row for each ranking."""
    head = [f"nDCG@{FIRST}", ALL, *GROUPS, *(f"not in {length}" for length in WITHIN), f"stuffer in {TOP}"]
    body = [[line.ranking, *(str(one) for one in line.ndcg.values()), *(f"{share:.1%}" for share in line.missed),
             f"{line.stuffed} of {line.briefs}"] for line in lines]  # fmt: skip
    return report.table(head, body)


def short(lines: Sequence[Line]) -> str:
    """One row for each variant of the new ranking."""
    body = [[line.ranking, *(f"{one.mean:.3f}" for one in line.ndcg.values()), f"{line.missed[1]:.1%}",
             str(line.stuffed)] for line in lines]  # fmt: skip
    return report.table(["nDCG@12", ALL, *GROUPS, f"not in {WITHIN[1]}", f"stuffer in {TOP}"], body)


def plots(parts: Sequence[Part]) -> dict[str, str]:
    """The plots by name."""
    found: dict[str, str] = {}
    for part in parts:
        by_ranking = {line.ranking: list(line.ndcg.values()) for line in part.rankings}
        found[part.name] = bars(f"nDCG@{FIRST}, part {part.name}, with 95 % intervals", [ALL, *GROUPS], by_ranking)
    aside = next(part for part in parts if part.name == ASIDE)
    by_part: dict[str, list[Estimate]] = {
        "alone": [line.ndcg[ALL] for line in aside.alone],
        "the others without it": [line.ndcg[ALL] for line in aside.left_out],
    }
    found["parts"] = bars(f"nDCG@{FIRST} of the parts of the score, part aside", list(WEIGHTS), by_part)
    by_mistake: dict[str, Any] = {name: [found[name] for found in aside.spoilt.values()] for name in (*RIVALS, NEW)}
    found["mistakes"] = bars(f"nDCG@{FIRST} with mistakes in the briefs, part aside", list(SPOILT), by_mistake)
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
