"""The parts of a score: what each promises, and that its matrix says the same as its single pair."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import vocabulary
from contracts.fit import NEUTRAL, places, sets, skills, texts
from contracts.fit.words import tokens

SKILLS = st.sampled_from(["crm", "hubspot", "social-networks", "linkedin", "seo", "passwords", "bee keeping"])
PEOPLE = st.lists(st.lists(SKILLS, max_size=4), max_size=5)
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


def test_matched_words_are_spelled_as_in_the_profile():
    profile = tokens("Données, CRM, données")
    assert texts.found({"crm", *dict(tokens("donnée"))}, profile) == {"don": "Données", "crm": "CRM"}
    assert texts.found({"crm"}, tokens("Données")) == {}


def test_topical_words_are_shown_first_and_then_the_rarest():
    words, frequency = {"crm": "CRM", "voil": "voile", "donn": "Données"}, {"crm": 9, "voil": 2, "donn": 1}
    assert texts.shown(words, {"crm"}, frequency, 5) == ("CRM", "Données", "voile")
    assert texts.shown(words, set(), frequency, 2) == ("Données", "voile")


def test_names_of_a_skill_are_topical_in_both_languages():
    found = texts.topical(["passwords"])
    assert {token for token, _ in tokens("mots de passe, passwords")} <= found
    assert texts.topical([]) == set()


@given(PEOPLE, PEOPLE)
def test_common_elements_are_counted(ours, theirs):
    matrix, both = sets.common(ours, theirs), sets.stated(ours, theirs)
    for row, one in enumerate(ours):
        for column, other in enumerate(theirs):
            assert matrix[row, column] == len(set(one) & set(other))
            assert both[row, column] == (bool(one) and bool(other))



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
