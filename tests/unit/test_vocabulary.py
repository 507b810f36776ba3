import json
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import vocabulary
from contracts.vocabulary import SKILLS, exists, fold, mentioned, related, search, suggest, terms

ROWS = json.loads(Path(vocabulary.__file__).with_name("vocabulary.json").read_text(encoding="utf-8"))
IDS = sorted(SKILLS)


def repeated(values):
    return [value for value, times in Counter(values).items() if times > 1]


def test_at_least_180_skills_have_unique_ids():
    assert len(ROWS) >= 180
    assert repeated(row["id"] for row in ROWS) == []
    assert list(SKILLS) == [row["id"] for row in ROWS]


def test_ids_are_kebab_case_ascii():
    assert [id for id in IDS if not all(part.isascii() and part.isalnum() for part in id.split("-"))] == []
    assert [id for id in IDS if id != id.lower()] == []


@pytest.mark.parametrize("language", ["fr", "en"])
def test_labels_are_unique_and_never_empty(language):
    labels = [row[language] for row in ROWS]
    assert [label for label in labels if not label.strip() or label != label.strip()] == []
    assert repeated(map(fold, labels)) == []


def test_each_name_belongs_to_one_skill_once():
    names = [name for row in ROWS for name in {fold(row["fr"]), fold(row["en"])}]
    names += [fold(name) for row in ROWS for name in row["synonyms"]]
    assert repeated(names) == []
    assert "" not in names


def test_broader_skills_exist():
    assert [(row["id"], up) for row in ROWS for up in row["broader"] if not exists(up)] == []


def test_no_skill_is_broader_than_itself():
    def climb(id, path):
        assert id not in path, f"a cycle: {path}"
        for up in SKILLS[id].broader:
            climb(up, [*path, id])

    for id in IDS:
        climb(id, [])


ASKED_FOR = """
crm website-creation social-networks digital-activations business-intelligence data-literacy
artificial-intelligence employee-advocacy thought-leadership online-discussion community-platforms
digital-culture digital-tools-adoption
"""


@pytest.mark.parametrize("id", ASKED_FOR.split())
def test_skills_of_the_real_cases_exist(id):
    assert exists(id)


def test_an_unknown_id_does_not_exist():
    assert not exists("telepathy")
    assert not exists("CRM")
    assert not exists("")


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("réseaux sociaux", "social-networks"),
        ("RESEAUX SOCIAUX", "social-networks"),
        ("re\u0301seau", "social-networks"),
        ("social net", "social-networks"),
        ("donnees", "data-literacy"),
        ("data literacy", "data-literacy"),
        ("création de sites", "website-creation"),
        ("décisionnel", "business-intelligence"),
        ("IA", "artificial-intelligence"),
        ("opinion leader", "thought-leadership"),
        ("leader d’opinion", "thought-leadership"),
        ("RGPD", "privacy-gdpr"),
        ("gdpr", "privacy-gdpr"),
        ("hameconnage", "phishing-awareness"),
        ("e-mail", "email-marketing"),
        ("crm", "crm"),
    ],
)
def test_query_finds_its_skill_first_in_both_languages(query, first):
    assert search(query)[0].id == first


def test_prefix_matches_rank_before_infix_matches():
    found = [skill.id for skill in search("net")]
    assert found[0] == "online-etiquette"
    assert "social-networks" in found
    assert found.index("social-networks") < found.index("internet-memes")
    assert [skill.id for skill in search("outube")] == ["youtube"]


def test_word_order_does_not_matter():
    assert "website-creation" in [skill.id for skill in search("sites création")]


def test_empty_query_returns_all_in_stable_order():
    assert [skill.id for skill in search()] == [skill.id for skill in search("  ")] == list(SKILLS)


def test_limit_truncates_the_list_in_order():
    assert search("data", limit=3) == search("data")[:3]
    assert search("", limit=4) == search("")[:4]


def test_nonsense_matches_and_suggests_nothing():
    assert search("zzzzqq") == []
    assert suggest("zzzzqq") == []
    assert suggest("") == suggest("?!") == []


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("data-litteracy", "data-literacy"),
        ("reseau sociaux", "social-networks"),
        ("business inteligence", "business-intelligence"),
        ("Linkdin", "linkedin"),
        ("cybersecurite", "cybersecurity"),
        ("website_creation", "website-creation"),
        ("aide sur Instagram pour nos dirigeants", "instagram"),
    ],
)
def test_wrong_id_or_free_text_suggests_nearest_skill_first(text, first):
    assert suggest(text)[0] == first


def test_suggestions_are_known_distinct_and_limited():
    found = suggest("digital", limit=7)
    assert len(found) == len(set(found)) == 7
    assert all(map(exists, found))
    assert Counter(suggest("LinkedIn", limit=9))["linkedin"] == 1


@given(st.text(max_size=400))
def test_search_and_suggestions_accept_any_text(text):
    assert len(suggest(text, limit=3)) <= 3
    assert all(exists(skill.id) for skill in search(text))


def test_terms_are_the_labels_and_synonyms_of_both_languages():
    assert {"Réseaux sociaux", "Social networks", "médias sociaux"} <= set(terms(["social-networks"]))
    assert set(terms(["crm", "seo"])) == set(terms(["crm"])) | set(terms(["seo"]))
    assert terms(["telepathy"]) == terms([]) == []


def test_kinship_decreases_with_each_step():
    assert related("seo", "seo") == 1
    assert related("linkedin", "social-networks") == related("social-networks", "linkedin") == 0.5
    assert related("linkedin", "instagram") == 0.25
    assert related("local-seo", "search-marketing") == 0.25
    assert related("local-seo", "digital-marketing") == 0
    assert related("crm", "cybersecurity") == 0


def test_unknown_skill_is_related_only_to_itself():
    assert related("telepathy", "crm") == related("crm", "telepathy") == 0
    assert related("telepathy", "telepathy") == 1


@given(st.sampled_from(IDS), st.sampled_from(IDS))
def test_kinship_is_symmetric_and_full_only_for_identity(a, b):
    assert related(a, b) == related(b, a)
    assert 0 <= related(a, b) <= 1
    assert (related(a, b) == 1) == (a == b)


def test_folding_removes_case_accents_and_ligatures():
    assert fold("Évènement Œuvre ÇA") == "evenement oeuvre ca"


def test_skills_that_a_text_names_are_found_in_both_languages() -> None:
    found = mentioned("Nos équipes créent un site web, des RÉSEAUX sociaux et du e-mail marketing ; a CRM, too.")
    assert {"social-networks", "crm"} <= set(found)
    assert mentioned("Le son de sa voix, le sens de l'info, une équipe agile.") == []
    assert mentioned("") == []


def test_skills_are_found_in_the_longest_brief_in_time() -> None:
    began = time.process_time()
    mentioned("Nous souhaitons que de jeunes professionnels accompagnent nos équipes. " * 280)
    assert time.process_time() - began < 0.5
