"""The texts of an order in the reader's language, from `texts.json`; money and dates by babel. Pure."""

import json
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal, get_currency_precision

from contracts.market import DAYS_ARE_MEANT_IN
from services.projects.model.orders import Buyer, Order, Seller

LANGUAGES = ("fr", "en")
"""The first one is the default."""
LOCALES = {"fr": Locale("fr", "FR"), "en": Locale("en", "GB")}
MOMENTS = {"fr": "d MMMM y 'à' HH:mm", "en": "d MMMM y 'at' HH:mm"}


@cache
def texts(language: str) -> dict[str, Any]:
    """The texts by name."""
    found: dict[str, Any] = json.loads(Path(__file__).with_name("texts.json").read_text(encoding="utf-8"))[language]
    return found


def vat_note(order: Order, language: str) -> str:
    """The note on the VAT regime, worded as on an invoice."""
    vat = order.vat
    text: str = texts(language)[vat.regime if vat else "unknown"]
    return text.format(rate=vat.rate if vat else "")


def notes(order: Order, language: str) -> list[str]:
    """The notes on every order: how payment works, that it is no invoice, and which details are missing."""
    words = texts(language)
    return [words["payment"], words["invoice"], *(words[f"incomplete_{side}"] for side in order.missing)]


def file_name(order: Order, language: str) -> str:
    """The PDF's file name, which identifies neither side."""
    return str(texts(language)["file"]).format(number=order.number)


def money(amount: int, currency: str, language: str) -> str:
    """Formats minor units as ``3 900,00 €`` or ``€3,900.00``."""
    major = Decimal(amount).scaleb(-get_currency_precision(currency))
    return str(format_currency(major, currency, locale=LOCALES[language]))


def day(value: date | str, language: str) -> str:
    """Formats a day as ``7 décembre 2026`` or ``7 December 2026``."""
    return str(format_date(date.fromisoformat(value) if isinstance(value, str) else value, "long", LOCALES[language]))


def day_of(moment: datetime, language: str) -> str:
    """Formats the day of a moment in Paris."""
    return day(moment.astimezone(DAYS_ARE_MEANT_IN).date(), language)


def sheet(order: Order, language: str, keys_url: str) -> dict[str, Any]:
    """All texts of the document; `order.typ` only lays them out."""
    words = texts(language)
    return {
        "language": language,
        "words": words,
        "title": words["title"].format(number=order.number),
        "facts": _facts(order, language),
        "parties": [_party(order.client, language), _party(order.mentor, language)],
        "subject": order.title,
        "days": _days(order.days, language),
        "starts_on": day(order.starts_on, language),
        "price": money(order.price["amount"], order.price["currency"], language),
        "totals": _totals(order, language),
        "vat_note": vat_note(order, language),
        "notes": notes(order, language),
        "scope": [paragraph.splitlines() for paragraph in order.scope.split("\n\n") if paragraph.strip()],
        "quote": _quote(order, language),
        "digest": order.quote.digest,
        "verify": words["verify"].format(keys_url=keys_url),
    }


def _facts(order: Order, language: str) -> list[list[str]]:
    words, client = texts(language), order.client.billing or {}
    found = [[words["purchase_order"], client["purchase_order"]]] if "purchase_order" in client else []
    found += [
        [words["reference"], order.id],
        [words["awarded"], day_of(order.awarded_at or order.issued_at, language)],
        [words["issued"], day_of(order.issued_at, language)],
    ]
    if order.revised_at is not None:
        revised = f"{day_of(order.revised_at, language)} ({words['revision'].format(revision=order.revision)})"
        found.append([words["revised"], revised])
    return found


def _party(party: Buyer | Seller, language: str) -> dict[str, Any]:
    """A party's name, address lines and contact, and a remark if billing details are missing."""
    words, billing = texts(language), party.billing
    known = party.name if isinstance(party, Buyer) else words["card"].format(mentor_id=party.mentor_id)
    lines = [known] if billing and billing["legal_name"] != known else []
    if billing:
        address = billing["address"]
        lines += [*address["street"].splitlines(), f"{address['postal_code']} {address['city']}"]
        lines.append(LOCALES[language].territories.get(address["country"], address["country"]))
        lines += [words[name].format(**{name: billing[name]}) for name in ("siren", "vat_number") if name in billing]
    contact = party.contact if isinstance(party, Buyer) else {}
    return {
        "side": words["client" if isinstance(party, Buyer) else "mentor"],
        "name": billing["legal_name"] if billing else known,
        "lines": lines,
        "contact": [contact[name] for name in ("name", "email", "phone") if name in contact],
        "missing": "" if billing else words["missing"],
    }


def _totals(order: Order, language: str) -> list[list[str]]:
    """Price, tax and total, each with its label; no total while the VAT regime is unknown."""
    words, currency, vat, found = texts(language), order.price["currency"], order.vat, order.amounts
    rows = [[words["price"], money(order.price["amount"], currency, language)]]
    if vat is None or found is None:
        return [*rows, [words["vat"], words["vat_unknown"]]]
    tax, total = found
    if vat.regime != "standard":
        return [*rows, [words["vat"], words["vat_none"]], [words["total"], money(total, currency, language)]]
    rows.append([words["vat_rate"].format(rate=vat.rate), money(tax, currency, language)])
    return [*rows, [words["total_standard"], money(total, currency, language)]]


def _quote(order: Order, language: str) -> list[list[str]]:
    words, quote = texts(language), order.quote
    moment = quote.received_at.astimezone(DAYS_ARE_MEANT_IN)
    received = format_datetime(moment, MOMENTS[language], locale=LOCALES[language])
    return [
        [words["quote_id"], quote.quote_id],
        [words["received"], f"{received} ({DAYS_ARE_MEANT_IN.key})"],
        [words["valid"], day(quote.valid_until, language)],
    ]


def _days(days: float, language: str) -> str:
    form = LOCALES[language].plural_form(days)
    shown = format_decimal(days, locale=LOCALES[language])
    return str(texts(language)["days"][form if form == "one" else "other"].format(days=shown))
