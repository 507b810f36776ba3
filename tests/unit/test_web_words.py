"""Words, money, dates and durations of the pages in both languages."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.kit.texts import used
from web.words import Words, catalog, typeset

FR, EN = Words("fr"), Words("en")
NOW = datetime(2031, 3, 4, 9, tzinfo=UTC)


def plain(text: str) -> str:
    """With ordinary spaces."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def test_every_text_is_translated() -> None:
    english = {message.id: message for message in catalog("en") if message.id}
    assert used() - english.keys() == set(), "python -m tests.kit.texts adds them, empty"
    assert english.keys() - used() == set(), "python -m tests.kit.texts takes them out"
    empty = [id for id, one in english.items() if not one.string or not all(one.string) or one.fuzzy]
    assert empty == []


def test_translations_keep_the_placeholders() -> None:
    for message in catalog("en"):
        if isinstance(message.id, str) and isinstance(message.string, str) and message.id:
            assert _names(message.string) == _names(message.id), message.id


def _names(text: str) -> list[str]:
    return sorted(part.partition(")")[0] for part in text.split("%(")[1:])


@pytest.mark.parametrize(
    ("cents", "fr", "en"),
    [(120000, "1 200 €", "€1,200"), (120050, "1 200,50 €", "€1,200.50"), (5, "0,05 €", "€0.05")],
)
def test_money_is_written_as_each_language_does(cents: int, fr: str, en: str) -> None:
    price = {"amount": cents, "currency": "EUR"}
    assert (plain(FR.money(price)), plain(EN.money(price))) == (fr, en)


def test_shares_are_whole_hundredths() -> None:
    assert [(plain(FR.percent(share)), EN.percent(share)) for share in (0.934, 1.0)] == [
        ("93 %", "93%"), ("100 %", "100%"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("days", "fr", "en"),
    [
        (0.5, "0,5 jour", "0.5 days"),
        (1, "1 jour", "1 day"),
        (1.5, "1,5 jour", "1.5 days"),
        (3.5, "3,5 jours", "3.5 days"),
    ],
)
def test_days_have_the_number_of_their_language(days: float, fr: str, en: str) -> None:
    assert (plain(FR.days(days)), plain(EN.days(days))) == (fr, en)


def test_times_are_in_the_zone_and_name_it() -> None:
    at = "2031-03-04T09:30:00.000Z"
    assert plain(FR.moment(at)) == "mardi 4 mars à 10 h 30 (heure de Paris)"
    assert plain(EN.moment(at)) == "Tuesday 4 March at 10:30 (Paris time)"
    assert plain(Words("en", "America/New_York").moment(at)) == "Tuesday 4 March at 04:30 (New York time)"


def test_first_of_a_month_is_an_ordinal_in_french() -> None:
    assert (plain(FR.day("2031-03-01")), plain(FR.day("2031-03-11"))) == ("1er mars 2031", "11 mars 2031")
    assert EN.day("2031-03-01") == "1 March 2031"


@pytest.mark.parametrize(
    ("rest", "fr"),
    [
        (timedelta(seconds=40), "moins d’une minute"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(hours=1), "1 h"),
        (timedelta(hours=26, minutes=40), "26 h 40 min"),
        (timedelta(days=3, hours=4), "3 jours 4 h"),
        (timedelta(0), ""),
        (timedelta(seconds=-1), ""),
    ],
)
def test_remaining_time_has_its_two_largest_units(rest: timedelta, fr: str) -> None:
    assert plain(FR.left((NOW + rest).isoformat(), NOW)) == fr


def test_french_signs_never_begin_a_line() -> None:
    assert typeset("« Où ? » : 48 heures") == "«\u202fOù\u202f?\u202f»\u00a0: 48\u00a0heures"
    assert typeset("Choisir %(name)s, l'autre") == "Choisir %(name)s, l’autre"


def test_zero_is_singular_in_french_and_plural_in_english() -> None:
    assert plain(FR.ngettext("%(num)s mentor invité", "%(num)s mentors invités", 0)) == "0 mentor invité"
    assert "mentors" in EN.ngettext("%(num)s mentor invité", "%(num)s mentors invités", 0)
