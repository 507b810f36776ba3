"""The labelled set for matching is whole, balanced and graded by its own rules (tests/matching/README.md)."""

from collections import Counter
from pathlib import Path

import pytest

import contracts.fit
from contracts.vocabulary import SKILLS
from services.matching.schemas import ProfileBody
from services.projects.schemas.projects import ProjectBody
from tests.matching.grade import MOST_OF_A_STUFFER, graded
from tests.matching.labelled import (
    ASIDE,
    EXACT,
    GOOD,
    GROUPS,
    HARD,
    HELD,
    HERE,
    SPLITS,
    TUNED,
    VAGUE,
    briefs,
    grades,
    mentors,
    posting,
    rows,
)

LEAST_GOOD = 4
"""Good mentors that every brief has; five quotes are wanted."""
SHARES = {EXACT: (0.40, 0.50), VAGUE: (0.22, 0.33), HARD: (0.22, 0.33)}
SIZES = {HERE: (100, 80), HELD: (30, 20)}
"""The least number of mentors and of briefs."""

either_set = pytest.mark.parametrize("folder", [pytest.param(HERE, id="set"), pytest.param(HELD, id="held")])


def by_id(rows):
    return {row["id"]: row for row in rows}


def asked(folder):
    return {row["brief"]: row["needs"] for row in rows(folder, "asked")}


@either_set
def test_set_is_large_enough_and_ids_are_unique(folder):
    people, wanted = mentors(folder), briefs(folder)
    assert (len(people) >= SIZES[folder][0], len(wanted) >= SIZES[folder][1]) == (True, True)
    assert (len(by_id(people)), len(by_id(wanted))) == (len(people), len(wanted))
    assert len({row["bio"] for row in people}) == len(people)
    assert len({row["brief"] for row in wanted}) == len(wanted)


@either_set
def test_service_would_accept_each_profile(folder):
    wrong = {row["id"]: ProfileBody().validate({k: v for k, v in row.items() if k != "id"}) for row in mentors(folder)}
    assert {id: errors for id, errors in wrong.items() if errors} == {}
    assert [row["id"] for row in mentors(folder) if not set(row["skills"]) <= SKILLS.keys()] == []


@either_set
def test_service_would_accept_each_brief(folder):
    wrong = {row["id"]: ProjectBody().validate(posting(row)) for row in briefs(folder)}
    assert {id: errors for id, errors in wrong.items() if errors} == {}


@either_set
def test_groups_have_their_shares(folder):
    counts = Counter(row["group"] for row in briefs(folder))
    assert counts.keys() == set(GROUPS)
    outside = {
        group: counts[group] / counts.total()
        for group, (least, most) in SHARES.items()
        if not least <= counts[group] / counts.total() <= most
    }
    assert outside == {}


def test_third_of_each_group_is_set_aside():
    assert {row["split"] for row in briefs()} == set(SPLITS)
    for group in GROUPS:
        assert 0.28 <= len(briefs(split=ASIDE, group=group)) / len(briefs(group=group)) <= 0.40, group


def test_most_needs_set_aside_are_not_tuned_on():
    needs = asked(HERE)
    tuned, aside = ({need for row in briefs(split=split) for need in needs[row["id"]]} for split in (TUNED, ASIDE))
    assert len(aside - tuned) >= 0.8 * len(aside)


@either_set
def test_set_has_both_languages(folder):
    for language in ("fr", "en"):
        for people in (mentors(folder), briefs(folder)):
            assert sum(language in row["languages"] for row in people) >= len(people) / 4, language
            assert any(language not in row["languages"] for row in people), language


@either_set
def test_grades_follow_from_the_rules_and_overrides(folder):
    assert rows(folder, "grades") == graded(folder), "run python -m tests.matching.grade"


@either_set
def test_every_brief_has_enough_good_mentors(folder):
    good = {brief: sum(grade >= GOOD for grade in found.values()) for brief, found in grades(folder).items()}
    assert good.keys() == {row["id"] for row in briefs(folder)}
    assert {brief: count for brief, count in good.items() if count < LEAST_GOOD} == {}


@either_set
def test_no_mentor_without_a_common_language_is_graded(folder):
    people, wanted = by_id(mentors(folder)), by_id(briefs(folder))
    assert [
        (brief, id)
        for brief, found in grades(folder).items()
        for id in found
        if not set(wanted[brief]["languages"]) & set(people[id]["languages"])
    ] == []


@either_set
def test_stuffers_are_never_good(folder):
    stuffers = {row["mentor"] for row in rows(folder, "competences") if row["stuffer"]}
    assert stuffers
    best = {id: max(found.get(id, 0) for found in grades(folder).values()) for id in stuffers}
    assert {id: grade for id, grade in best.items() if grade > MOST_OF_A_STUFFER} == {}


@either_set
def test_labels_name_known_needs_mentors_and_briefs(folder):
    needs, people, wanted = by_id(rows(HERE, "needs")), by_id(mentors(folder)), by_id(briefs(folder))
    assert {id for row in needs.values() for id in row["skills"]} <= SKILLS.keys()
    assert [row["mentor"] for row in rows(folder, "competences")] == list(people)
    assert list(asked(folder)) == list(wanted)
    assert {need for row in asked(folder).values() for need in row} <= needs.keys()
    for row in rows(folder, "competences"):
        assert {*row["competence"], *row["denied"]} <= needs.keys(), row["mentor"]
        assert row["competence"].keys().isdisjoint(row["denied"]), row["mentor"]
        assert set(row["competence"].values()) <= {1, 2, 3}, row["mentor"]


@either_set
def test_each_override_has_a_reason_and_changes_a_grade(folder):
    overridden, plain = rows(folder, "overrides"), {row["brief"]: row["grades"] for row in graded(folder, by_eye=False)}
    assert [row for row in overridden if not row["reason"].strip()] == []
    assert [row for row in overridden if plain[row["brief"]].get(row["mentor"], 0) == row["grade"]] == []


def test_every_skill_has_sentences_of_those_who_ask_and_of_those_who_can():
    said = rows(Path(contracts.fit.__file__).parent, "thesaurus")
    assert [row["id"] for row in said] == list(SKILLS)
    assert {(len(row["asks"][one]), len(row["shows"][one])) for row in said for one in ("fr", "en")} == {(5, 3)}
    every = [text for row in said for kind in ("asks", "shows") for one in ("fr", "en") for text in row[kind][one]]
    assert len(every) == len(set(every)), "no sentence tells two skills apart if both have it"
    assert [text for text in every if not 4 <= len(text.split()) <= 20] == []
