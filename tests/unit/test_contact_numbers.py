"""Numbers of public registers and of bank accounts are found if their check digits are valid; other figures are not."""

import random

import pytest

from contracts.scan import contact_data


def found(text: str) -> list[tuple[str, str]]:
    return [(leak.kind, leak.text) for leak in contact_data(text)]


@pytest.mark.parametrize(
    "number",
    [
        "552 100 554 00013", "55210055400013", "552.100.554.00013", "552 100\n554 00013",
        "552\u202f100\u202f554\u202f00013",
        "FR83404833048", "FR 83 404 833 048", "FR 83 404833048", "FR\u00a083\u00a0404\u00a0833\u00a0048",
        "fr83404833048",
        "BE 0403.170.701", "BE0403170701", "BE 0403 170 701", "BE 403.170.701", "be0403170701",
        "CHE-107.787.577", "CHE-107.787.577 MWST", "CHE107787577", "CHE 107 787 577 TVA", "CH-020.3.020.910-3",
        "LU 15027442", "LU15027442", "GB 980 7806 84", "GB980780684", "DE 136 695 976", "DE136695976", "HRB 12345",
        "ESA28015865", "ES A28015865", "IT00743110157", "NL004495445B01", "ATU13585627", "PL 8567346215", "DK 13585628",
        "FR7630006000011234567890189", "FR76 3000 6000 0112 3456 7890 189", "FR76 3000 6000\n0112 3456 7890 189",
        "FR76.3000.6000.0112.3456.7890.189", "FR76-3000-6000-0112-3456-7890-189", "BE68 5390 0754 7034",
        "be68539007547034",
        "CH93 0076 2011 6238 5295 7", "LU28 0019 4006 4475 0000", "GB29 NWBK 6016 1331 9268 19",
        "DE89370400440532013000",
        "FR0000120271", "213800KUD8LAJWSQ9D15", "1 85 05 78 006 084 91",
    ],
)  # fmt: skip
def test_checked_number_is_found_without_a_word(number: str) -> None:
    assert found(f"Voir {number} et merci.") == [("registration", number)]


def test_belgian_enterprise_number_is_found_alone() -> None:
    assert found("Voir 0403.170.701 et merci.") == [("registration", "0403.170.701")]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("SIREN 552 100 554", "552 100 554"),
        ("siren : 552100554", "552100554"),
        ("Siren n° 552.100.554", "552.100.554"),
        ("552 100 554 RCS Paris", "552 100 554"),
        ("552 100 554 (R.C.S. Nanterre)", "552 100 554"),
        ("RCS Paris 552 100 554", "552 100 554"),
        ("RCS de Lyon B 552 100 554", "552 100 554"),
        ("immatriculée au registre du commerce sous le numéro 552 100 554", "552 100 554"),
        ("n° 552 100 554", "552 100 554"),
        ("TVA : 83 404 833 048", "83 404 833 048"),
        ("BCE 0403170701", "0403170701"),
        ("numéro d'entreprise 0403170701", "0403170701"),
        ("UID : 107.787.577", "107.787.577"),
        ("CIF A28015865", "A28015865"),
        ("P.IVA 00743110157", "00743110157"),
        ("RCS Luxembourg B 123456", "B 123456"),
        ("company number 01234567", "01234567"),
        ("registered in England, no. 01234567", "01234567"),
        ("KvK 12345678", "12345678"),
        ("EIN 91-1144442", "91-1144442"),
        ("RNA W751234567", "W751234567"),
    ],
)
def test_number_is_found_next_to_the_word_for_its_register(text: str, number: str) -> None:
    assert ("registration", number) in found(f"Mentions : {text}, merci.")


@pytest.mark.parametrize(
    "text",
    [
        "552 100 554 €", "552 100 554 visiteurs", "552100554", "552 100 554",
        "un SIREN a neuf chiffres, 552 100 555 est faux",
        "FR76 3000 6000 0112 3456 7890 188", "IBAN FR76 3000 6000", "FR 84 404 833 048", "BE 403.170.702",
        "CHE-107.787.578", "DE136695977", "SIRET 552 100 555 00014", "budget de 136 695 976 euros", "20261123101500",
        "ISO 27001", "EN 1090-2", "DIN 4102", "BE 2 ou 3", "LU 2026 2027", "commande n° 12345678", "page no 12345678",
        "numéro 20261123", "B2B 100 000", "facture n° 2026-001234", "es 12345678", "1.234.567", "modèle RTX4090",
        "TVA 120 000 000", "TVA de 20 % en 2026", "la TVA sur 552 100 554 €", "000 000 000 00000", "AB1234567890",
    ],
)  # fmt: skip
def test_amounts_references_and_wrong_check_digits_are_no_registration(text: str) -> None:
    assert found(f"Voir {text} et la suite.") == []


def test_bare_numbers_of_nine_digits_are_left_alone() -> None:
    draw = random.Random(14)
    texts = [
        f"Ventes : {draw.randrange(100, 1000)} {draw.randrange(1000):03} {draw.randrange(1000):03} l'an."
        for _ in range(500)
    ]
    assert [text for text in texts if found(text)] == []


def test_few_bare_numbers_of_fourteen_digits_pass_by_chance() -> None:
    draw = random.Random(14)
    texts = [f"Identifiant technique {draw.randrange(10**13, 10**14)} du système." for _ in range(2_000)]
    assert sum(bool(found(text)) for text in texts) < 40  # SIRET and the SIREN in it: 1 in 100
