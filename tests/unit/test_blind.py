"""Blind digests: equal for two spellings of one name in one project, and revealing nothing else."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.blind import digest, digests, normalise

SECRET = b"a secret of this test"


@pytest.mark.parametrize(
    ("name", "normalised"),
    [
        ("Nestlé Waters", "nestlewaters"),
        ("NESTLE-WATERS", "nestlewaters"),
        ("Nestlé Waters S.A.S.", "nestlewaters"),
        ("Nestlé Waters SAS", "nestlewaters"),
        ("Groupe Nestlé Waters", "nestlewaters"),
        ("Siemens AG", "siemens"),
        ("Marks & Spencer Ltd.", "marksspencer"),
        ("Marks and Spencer", "marksspencer"),
        ("L’Oréal", "loreal"),
        ("École Centrale – Lyon", "ecolecentralelyon"),
        ("https://www.nestle-waters.com/fr?x=1", "nestlewaterscom"),
        ("www.nestle-waters.com", "nestlewaterscom"),
        ("Nestle-Waters.com", "nestlewaterscom"),
        ("St-Gobain", "saintgobain"),
        ("Saint Gobain", "saintgobain"),
        ("Cie de Saint-Gobain", "compagniedesaintgobain"),
        ("SA", "sa"),  # a name keeps its last word, even a legal form
        ("資生堂", "資生堂"),
        (" – ", ""),
    ],
)
def test_spellings_of_one_name_have_one_normal_form(name, normalised):
    assert normalise(name) == normalised


@given(st.text(max_size=40))
def test_normal_form_holds_only_letters_and_digits(name):
    assert all(c.isalnum() for c in normalise(name))


@given(st.text(st.sampled_from("abé ÀŒ-'&1"), max_size=20))
def test_case_does_not_change_the_normal_form(name):
    assert normalise(name.upper()) == normalise(name.lower())


def test_digest_is_the_documented_hmac():
    message = b"releve.blind.v1" + b"\0\0\0\x02p1" + b"\0\0\0\x05colas"
    assert digest(SECRET, "p1", "Colas SA") == hmac.new(SECRET, message, hashlib.sha256).hexdigest()


def test_digests_match_for_spellings_and_differ_for_names():
    assert digest(SECRET, "p1", "Nestlé Waters SAS") == digest(SECRET, "p1", "NESTLE WATERS")
    assert digest(SECRET, "p1", "Engie") != digest(SECRET, "p1", "Colas")


def test_same_name_has_different_digests_in_two_projects():
    names = ["Nestlé Waters", "nestle-waters.com"]
    assert not set(digests(SECRET, "p1", names)) & set(digests(SECRET, "p2", names))


def test_another_secret_gives_other_digests():
    assert digest(SECRET, "p1", "Engie") != digest(b"another", "p1", "Engie")


def test_project_id_and_name_are_separated_in_the_digest():
    assert digest(SECRET, "p1", "2engie") != digest(SECRET, "p12", "engie")


def test_digests_are_sorted_without_repetition_and_without_unreadable_names():
    names = [f"Firm {k}" for k in range(20)]
    found = digests(SECRET, "p1", [*names, "FIRM 1 SA", " – ", ""])
    assert found == sorted({digest(SECRET, "p1", name) for name in names})
    assert len(found) == 20


def test_name_ending_in_a_place_also_matches_without_the_place():
    assert digest(SECRET, "p1", "Orange") in digests(SECRET, "p1", ["Orange France SA"])
    assert digest(SECRET, "p1", "Orange France") in digests(SECRET, "p1", ["Orange France SA"])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("HEC Paris", "HEC"),
        ("ESSEC Business School", "Essec"),
        ("emlyon business school", "EM Lyon"),
        ("IÉSEG School of Management", "IESEG School of Management, Lille"),
        ("St-Gobain", "Saint-Gobain S.A."),
        ("Univ. Paris", "Université Paris"),
    ],
)
def test_variants_of_a_name_share_a_digest(one, other):
    assert set(digests(SECRET, "p1", [one])) & set(digests(SECRET, "p1", [other]))


def test_names_with_the_same_place_stay_apart():
    assert not set(digests(SECRET, "p1", ["HEC Paris"])) & set(digests(SECRET, "p1", ["ESCP Paris"]))


@pytest.mark.parametrize(
    ("secret", "project", "name"), [(b"", "p1", "Engie"), (SECRET, "", "Engie"), (SECRET, "p1", "–")]
)
def test_digest_with_an_empty_input_is_refused(secret, project, name):
    with pytest.raises(ValueError, match="blind digest"):
        digest(secret, project, name)


@given(st.text(min_size=1, max_size=12), st.text(max_size=30))
def test_digest_does_not_contain_the_name(project, name):
    for found in digests(SECRET, project, [name]):
        assert len(found) == 64
        assert set(found) <= set("0123456789abcdef")
