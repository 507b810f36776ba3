"""Words, money, dates and durations in French and English. Pure: time is an argument.

Templates and modules are written in French; `translations/en.po` holds the English (gettext).
"""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time, get_timezone_location
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal, format_percent

LOCALES = ("fr", "en")
FOLDER = Path(__file__).parent / "translations"
_NARROW, _WIDE = "\u202f", "\u00a0"


@lru_cache(maxsize=4096)  # more than there are texts
def typeset(text: str) -> str:
    """French typography: no line begins with a sign, and apostrophes are curved."""
    text = re.sub(r" ([;!?»]|%(?!\())", lambda found: _NARROW + found[1], text)
    text = re.sub(r" ([:€])", lambda found: _WIDE + found[1], text)
    text = re.sub(r"(\d) (?=[^\W\d])", lambda found: found[1] + _WIDE, text)
    return re.sub(r"« ", "«" + _NARROW, text).replace("'", "’")


@cache
def catalog(locale: str) -> Catalog:
    """The translations of a locale; French has none of its own."""
    source = FOLDER / f"{locale}.po"
    if not source.exists():
        return Catalog(locale=locale)
    with source.open("rb") as file:
        return read_po(file, locale=locale)


@cache
def _texts(locale: str) -> Mapping[str, Any]:
    return {
        message.id if isinstance(message.id, str) else message.id[0]: message.string
        for message in catalog(locale)
        if message.id and message.string
    }


def load() -> None:
    """Reads translations and formats of every language, so that no visitor waits for them."""
    for locale in LOCALES:
        _texts(locale)
        words = Words(locale)
        words.moment("2000-01-01T00:00:00Z")
        words.money({"amount": 0, "currency": "EUR"})


class Words:
    """The language of one visitor. `zone` is the IANA time zone in which times are shown."""

    def __init__(self, locale: str, zone: str = "Europe/Paris") -> None:
        self.locale = locale if locale in LOCALES else "fr"
        self.zone = zone

    # --- texts

    def gettext(self, text: str, **values: Any) -> str:
        """The text in this language, with named values put in."""
        found = _texts(self.locale).get(text, text)
        return self._finished(found if isinstance(found, str) else found[0], values)

    def ngettext(self, one: str, many: str, number: int, **values: Any) -> str:
        """The form of a text for a number; French counts zero as one."""
        found = _texts(self.locale).get(one, (one, many))
        singular = number == 1 or (number == 0 and self.locale == "fr")
        return self._finished(found[0 if singular else 1], {"num": number, **values})

    def _finished(self, text: str, values: Mapping[str, Any]) -> str:
        shown = typeset(text) if self.locale == "fr" else text.replace("'", "’")
        return shown % values if values else shown

    # --- money and numbers

    def money(self, price: Mapping[str, Any]) -> str:
        """« 1 200,00 € » or "€1,200.00", from minor units; whole amounts without their zeros."""
        amount, currency = price["amount"] / 100, price["currency"]
        if price["amount"] % 100:
            return format_currency(amount, currency, locale=self._babel)
        pattern = "¤#,##0" if self.locale == "en" else f"#,##0{_WIDE}¤"
        return format_currency(amount, currency, pattern, locale=self._babel, currency_digits=False)

    def number(self, value: float) -> str:
        """« 3,5 » or "3.5"."""
        return format_decimal(value, locale=self._babel)

    def percent(self, share: float) -> str:
        """A share from 0 to 1 in whole hundredths."""
        return format_percent(share, "#,##0\u202f%" if self.locale == "fr" else "#,##0%", locale=self._babel)

    def days(self, value: float) -> str:
        """« 3,5 jours » or "3.5 days"; both languages differ on what counts as one."""
        one = value < 2 if self.locale == "fr" else value == 1
        return f"{self.number(value)}{_WIDE}" + (self.gettext("jour") if one else self.gettext("jours"))

    # --- times

    def moment(self, text: str) -> str:
        """« mardi 14 janvier à 10 h 30 (heure de Paris) » or "Tuesday 14 January at 10:30 (Paris time)"."""
        at = _parsed(text).astimezone(ZoneInfo(self.zone))
        day = self._first(format_date(at, "EEEE d MMMM", locale=self._babel))
        city = get_timezone_location(self.zone, locale=self._babel, return_city=True)
        return self.gettext("%(day)s à %(time)s (heure de %(city)s)", day=day, time=self.clock(text), city=city)

    def clock(self, text: str) -> str:
        """« 10 h 30 » or "10:30"."""
        pattern = f"H{_NARROW}'h'{_NARROW}mm" if self.locale == "fr" else "HH:mm"
        return format_time(_parsed(text).astimezone(ZoneInfo(self.zone)), pattern, locale=self._babel)

    def day(self, text: str) -> str:
        """« 14 janvier 2026 » or "14 January 2026", of a date or a time."""
        at = _parsed(text).astimezone(ZoneInfo(self.zone)).date() if "T" in text else date.fromisoformat(text)
        return self._first(format_date(at, "d MMMM y", locale=self._babel))

    def month(self, text: str) -> str:
        """« octobre 2026 » or "October 2026", of ``2026-10``."""
        return format_date(date.fromisoformat(f"{text}-01"), "LLLL y", locale=self._babel)

    def left(self, until: str, now: datetime) -> str:
        """« 26 h 40 min », « 3 jours 4 h », « moins d'une minute »; empty once it is over."""
        return self.duration(_parsed(until) - now)

    def since(self, begin: str, now: datetime) -> str:
        """How long something has lasted: « 3 jours 4 h »."""
        return self.duration(now - _parsed(begin))

    def duration(self, rest: timedelta) -> str:
        """The two largest units of a duration; empty if it is not positive."""
        minutes = int(rest.total_seconds() // 60)
        if rest <= timedelta(0):
            return ""
        if minutes < 1:
            return self.gettext("moins d'une minute")
        days, hours, minutes = minutes // 1440, minutes // 60, minutes % 60
        if days >= 3:
            rest_hours = f"{_WIDE}{hours % 24}{_WIDE}h" if hours % 24 else ""
            return self.days(days) + rest_hours
        if hours:
            return f"{hours}{_WIDE}h" + (f"{_WIDE}{minutes:02}{_WIDE}min" if minutes else "")
        return f"{minutes}{_WIDE}min"

    def _first(self, day: str) -> str:
        """French says « 1er janvier », and « 2 janvier »."""
        return re.sub(r"\b1 (?=[a-zéû])", "1er ", day) if self.locale == "fr" else day

    @property
    def _babel(self) -> str:
        return "en_GB" if self.locale == "en" else "fr_FR"


def _parsed(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
