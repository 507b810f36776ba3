"""Telephone numbers are found in the ordinary writings of ten countries; figures, dates and references are not."""

import re

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

from contracts.scan import contact_data
from contracts.scan.regions import REGIONS, UNPREFIXED, is_number_of


def found(text: str) -> list[tuple[str, str]]:
    return [(leak.kind, leak.text) for leak in contact_data(text)]


@pytest.mark.parametrize(
    "number",
    [
        "0475/12.34.56", "0475/12 34 56", "0475 12 34 56", "0475.12.34.56", "0475 123 456", "02/123.45.67",
        "04/223.45.67",
        "+32 (0)475 12 34 56", "0032 475 12 34 56", "079 123 45 67", "079/123 45 67", "044 668 18 00",
        "+41 (0) 79 123 45 67", "+352 26 12 34 56", "+352 621 123 456", "030 12345678", "0171 1234567", "089/1234567",
        "(030) 123 456", "010-123 45 67", "06-12345678", "912 34 56 78", "212 555 1234", "(212) 555 1234",
        "347 123 4567", "+44 (0)20 7946 0958",
    ],
)  # fmt: skip
def test_number_of_a_neighbouring_country_is_found(number: str) -> None:
    assert found(f"Vous pouvez essayer le {number}, le soir.") == [("phone", number)]


@pytest.mark.parametrize(
    "number",
    [
        "06 12 34\n56 78", "06\n12\n34\n56\n78", "06,12,34,56,78", "06, 12, 34, 56, 78", "06 ; 12 ; 34 ; 56 ; 78",
        "06|12|34|56|78", "06 | 12 | 34 | 56 | 78", "06_12_34_56_78", "06 · 12 · 34 · 56 · 78", "06*12*34*56*78",
        "06 point 12 point 34 point 56 point 78", "06 tiret 12 tiret 34 tiret 56 tiret 78", "06\\.12\\.34\\.56\\.78",
        "06 dot 12 dot 34 dot 56 dot 78", "06&nbsp;12&nbsp;34&nbsp;56&nbsp;78", "0 6 1 2 3 4 5 6 7 8", "O6 12 34 56 78",
        "+33 (0)6 12 34 56 78", "+33(0)612345678", "0033 (0)6 12 34 56 78", "(+33)6 12 34 56 78", "+33 06 12 34 56 78",
        "+33 6,12,34,56,78", "+33 6 12\n34 56 78", "33 6 12 34 56 78", "32 475 12 34 56", "41 79 123 45 67",
        "(0)6 47 11 93 28", "(0) 6.47.11.93.28",
    ],
)  # fmt: skip
def test_number_is_found_with_any_separator(number: str) -> None:
    leaks = contact_data(f"Le matin : {number} ou par écrit.")
    assert [leak.kind for leak in leaks] == ["phone"]
    assert re.sub(r"\W", "", number) in re.sub(r"\W", "", leaks[0].text)


@pytest.mark.parametrize(
    "text",
    [
        "Tél. : 26 12 34 56", "GSM 621 123 456", "téléphone : 612345678", "tel 6 12 34 56 78", "☎ 612 345 678",
        "Appelez-moi au 612 345 678", "my number is 2125551234", "Natel 79 123 45 67", "mobile: 352 621 123 456",
    ],
)  # fmt: skip
def test_number_without_prefix_is_found_after_a_word_for_telephone(text: str) -> None:
    assert [kind for kind, _ in found(text)] == ["phone"]


@pytest.mark.parametrize(
    "text",
    [
        "08 09 10 11 12", "01 02 03 04 05", "05, 10, 15, 20, 25", "10 20 30 40 50", "5 10 15 20 25",
        "0 1 1 2 3 5 8 13 21",
        "les départements 01, 07, 26, 38, 69", "les départements 01 07 26 38 69", "les pages 02, 07, 14, 29, 33",
        "1.2.3.4", "v10.0.19045", "0.12.34.56.78", "127.0.0.1", "192.168.10.12", "1. 2. 3. 4. 5.", "1.2.1 puis 1.2.2",
        "612 345 678 €", "612 345 678 utilisateurs", "612 345 678", "120 000 000", "10 012 345 678", "33 250 000 000",
        "2 500 000 - 3 000 000", "+15 000,50", "+1,200,000 users", "+20 000 000 000", "1 234 567 890",
        "ISBN 978-2-07-036822-8", "ISBN 2-07-036822-8", "ISBN 0-306-40615-2", "réf. 0123-4567-89", "ISO 9001:2015",
        "01/02/26 - 05/06/26", "01.02.2026-05.06.2026", "08.30-12.00 / 14.00-18.30", "10:00-12:30", "01:02:03:04:05",
        "2026-11-23T08:09:10", "1732358400", "20261123101500", "1990-2000-2010", "2024 2025 2026", "0001 0002 0003",
        "48.8566, 2.3522", "75008, 69001, 13001", "0,1 0,2 0,3 0,5", "3.14159265358", "0,0612345678", "12 34 56 78 90",
    ],
)  # fmt: skip
def test_figures_lists_dates_and_references_are_no_telephone(text: str) -> None:
    assert found(f"Voici {text} et la suite.") == []


@pytest.mark.parametrize("region", REGIONS)
def test_plans_agree_with_phonenumbers(region: str) -> None:
    code = phonenumbers.country_code_for_region(region)

    @settings(deadline=None, max_examples=300)
    @given(st.text("0123456789", min_size=6, max_size=11))
    def agree(digits: str) -> None:
        zeros = len(digits) - len(digits.lstrip("0"))
        number = PhoneNumber(
            code, int(digits), italian_leading_zero=zeros > 0 or None, number_of_leading_zeros=zeros or None
        )
        if not zeros or region == "IT":
            assert is_number_of(region, digits) == phonenumbers.is_valid_number_for_region(number, region)

    agree()


def neighbours(region: str) -> st.SearchStrategy[PhoneNumber]:
    """Valid numbers of a country: an example of `phonenumbers` with other last digits."""
    kinds = (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE)
    examples = [example for kind in kinds if (example := phonenumbers.example_number_for_type(region, kind))]

    def with_last_digits(example: PhoneNumber, last: int) -> PhoneNumber:
        number = PhoneNumber(country_code=example.country_code, italian_leading_zero=example.italian_leading_zero)
        number.national_number = (example.national_number or 0) // 1000 * 1000 + last
        return number

    numbers = st.builds(with_last_digits, st.sampled_from(examples), st.integers(0, 999))
    return numbers.filter(phonenumbers.is_valid_number)


def national(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)


def international(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)


WRITINGS = {
    "international": international,
    "one run": lambda number: phonenumbers.format_number(number, PhoneNumberFormat.E164),
    "two zeros": lambda number: international(number).replace("+", "00 "),
    "dots abroad": lambda number: international(number).replace(" ", "."),
    "line break abroad": lambda number: "\n".join(international(number).rsplit(" ", 1)),
    "national": national,
    "dots": lambda number: re.sub(r"[ \-]", ".", national(number)),
    "dashes": lambda number: national(number).replace(" ", "-"),
    "no-break spaces": lambda number: national(number).replace(" ", "\u202f"),
    "slash first": lambda number: national(number).replace(" ", "/", 1),
    "line break": lambda number: "\n".join(national(number).rsplit(" ", 1)),
    "bars": lambda number: national(number).replace(" ", " | "),
}


@pytest.mark.parametrize("region", REGIONS)
def test_valid_number_is_found_in_each_writing(region: str) -> None:
    # A national number that begins with no zero may be an amount, too, so a word must announce it.
    words = "Tél. : {}." if region in (*UNPREFIXED, "IT") else "Le soir : {}."

    @settings(deadline=None, max_examples=15)
    @given(neighbours(region))
    def is_found(number: PhoneNumber) -> None:
        for write in WRITINGS.values():
            written = write(number)
            leaks = contact_data(words.format(written))
            assert [leak.kind for leak in leaks] == ["phone"], written
            assert leaks[0].text.strip("(") in written
            assert len(re.sub(r"\D", "", leaks[0].text)) == len(re.sub(r"\D", "", written)), (written, leaks)

    is_found()


VERSIONS = st.lists(st.integers(0, 40), min_size=2, max_size=5).map(lambda parts: "v" + ".".join(map(str, parts)))
AMOUNTS = st.integers(0, 10**11).map(lambda n: f"{n:,} €".replace(",", " "))
SHARES = st.decimals(0, 100, places=2).map(lambda share: f"{share} %".replace(".", ","))
DATES = st.dates().map(lambda day: day.strftime("%d/%m/%Y"))
DAYS = st.dates().map(lambda day: day.isoformat())
TIMES = st.times().map(lambda time: time.strftime("%H:%M"))
STEPS = st.lists(st.integers(1, 9), min_size=2, max_size=3).map(lambda parts: ".".join(map(str, parts)) + ".")
YEARS = st.integers(1950, 2050).map(str)


@settings(deadline=None, max_examples=300)
@given(st.lists(st.one_of(VERSIONS, AMOUNTS, SHARES, DATES, DAYS, TIMES, STEPS, YEARS), min_size=1, max_size=6))
def test_generated_figures_are_no_contact_data(figures: list[str]) -> None:
    assert found("Nous avons " + ", puis ".join(figures) + " environ.") == []
