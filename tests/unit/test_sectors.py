"""The closed list of sectors: words are mapped to entries, and mentors read nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.sectors import OTHER, SECTORS, find_sector, sector_label
from services.matching.views import descriptor

LABELS = {label for entry in SECTORS.values() for label in (entry.fr, entry.en)}


@pytest.mark.parametrize("sector", SECTORS)
def test_every_entry_is_found_by_id_and_labels(sector: str) -> None:
    entry = SECTORS[sector]
    assert {find_sector(words) for words in (sector, entry.fr, entry.en, entry.fr.upper())} == {sector}


@pytest.mark.parametrize(
    ("words", "sector"),
    [
        ("Agro-alimentaire", "food"),
        ("Eaux minérales en bouteilles", "food"),
        ("industrie chimique", "chemicals"),
        ("Industrie", "industry"),
        ("conseil en énergie", "energy"),
        ("services", "consulting"),
        ("Services financiers", "banking"),
        ("BANQUES", "banking"),
        ("Distribution", "retail"),
        ("distribution d'électricité", "energy"),
        ("IT services", "it"),
        ("it", "it"),
        ("Les transports Dupont", "transport"),
        ("Zorgblatt", OTHER),
        ("", OTHER),
    ],
)
def test_words_are_mapped_to_the_entry_that_fits(words: str, sector: str) -> None:
    assert find_sector(words) == sector


@given(st.text(max_size=100), st.sampled_from(["fr", "en"]))
def test_mentors_read_a_label_whatever_the_client_wrote(words: str, locale: str) -> None:
    assert sector_label(words, locale) in LABELS


def test_words_posted_before_the_list_are_shown_as_a_label() -> None:
    said = {"size": "group", "sector": "Eaux minérales de Vergèze"}
    assert descriptor(said, "fr") == "grand groupe, agroalimentaire"
    assert descriptor(said, "en") == "large group, food industry"
