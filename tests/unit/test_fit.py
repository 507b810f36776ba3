"""The parts of a score: what each promises, and that its matrix says the same as its single pair."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import vocabulary
from contracts.fit import NEUTRAL, languages, places, sets, skills, texts
from contracts.fit.words import tokens

SKILLS = st.sampled_from(["crm", "hubspot", "social-networks", "linkedin", "seo", "passwords", "bee keeping"])
PEOPLE = st.lists(st.lists(SKILLS, max_size=4), max_size=5)
WORDS = st.sampled_from(["crm", "données", "voile", "piano", "réseau", "été"])
TEXTS = st.lists(st.lists(WORDS, max_size=6), max_size=5)
PARIS, MONTREAL = ("Paris", "Europe/Paris"), ("Montréal", "America/Toronto")


@given(PEOPLE, PEOPLE)
def test_matrix_of_skills_equals_single_pairs(wanted, offered):
    matrix = skills.covered_matrix(wanted, offered)
    assert matrix.shape == (len(wanted), len(offered))
    for row, asked in enumerate(wanted):
        for column, have in enumerate(offered):
            assert matrix[row, column] == pytest.approx(skills.covered(asked, have))


def test_free_words_fit_only_themselves():
    assert skills.covered(["bee keeping"], ["bee keeping"]) == 1
    assert skills.covered_matrix([["bee keeping"]], [["crm"], ["bee keeping"], []]).tolist() == [[0, 1, 0]]


def test_matched_skills_are_exact_or_near():
    assert skills.matched(["crm", "social-networks"], ["passwords", "linkedin", "crm"], 5) == (("crm",), ("linkedin",))


@given(TEXTS, TEXTS)
def test_matrix_of_texts_equals_single_queries(asked, written):
    queries = [{token for token, _ in tokens(" ".join(words))} for words in asked]
    profiles = [tokens(" ".join(words)) for words in written]
    matrix = texts.scored_matrix(queries, profiles)
    for row, query in enumerate(queries):
        single = [score for score, _ in texts.scored(query, (), profiles, 5)]
        assert matrix[row] == pytest.approx(np.array(single), abs=1e-5)


def test_matched_words_are_spelled_as_in_the_profile():
    profiles = [tokens("Données, CRM"), tokens("CRM")]
    assert texts.scored({"donnee", "crm"}, {"crm"}, profiles, 5)[0] == (1.0, ("CRM", "Données"))


@given(PEOPLE, PEOPLE)
def test_common_elements_are_counted(ours, theirs):
    matrix, both = sets.common(ours, theirs), sets.stated(ours, theirs)
    for row, one in enumerate(ours):
        for column, other in enumerate(theirs):
            assert matrix[row, column] == len(set(one) & set(other))
            assert both[row, column] == (bool(one) and bool(other))


def test_unstated_languages_are_neutral():
    assert languages.share([], ["fr"]) == NEUTRAL
    assert languages.share(["fr", "en"], ["fr"]) == 0.5


def test_nearer_places_fit_better():
    rows = places.nearness_matrix([PARIS], [("paris ", ""), ("Lyon", "Europe/Paris"), MONTREAL, ("Lyon", "")])[0]
    assert rows[0] == 1
    assert rows[0] > rows[1] > rows[2] > 0
    assert rows[3] == NEUTRAL


def test_zones_are_compared_around_the_date_line():
    assert places.hours_apart([("", "Pacific/Auckland")], [("", "Pacific/Honolulu")]).tolist() == [[2]]
    assert places.hours_apart([PARIS], [MONTREAL]).tolist() == [[6]]


def test_unknown_zone_is_neutral():
    for zone in ("Mars/Olympus", "../etc/passwd", ""):
        assert places.nearness_matrix([PARIS], [("Lyon", zone)])[0, 0] == NEUTRAL


def test_every_skill_is_nearest_to_itself():
    some = list(vocabulary.SKILLS)[:60]
    matrix = skills.covered_matrix([[one] for one in some], [[one] for one in some])
    assert (np.diag(matrix) == 1).all()
