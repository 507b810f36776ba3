"""Texts in the person's language, rendered when they are read, from `texts.json` and babel's dates and plurals."""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, cast

from babel import Locale
from babel.dates import format_datetime, get_timezone

from services.notify.model.headers import one_line

LANGUAGES = ("fr", "en")
DEFAULT_LANGUAGE = "fr"
LOCALES = {"fr": Locale("fr", "FR"), "en": Locale("en", "GB")}
PATTERNS = {"fr": "EEEE d MMMM y 'à' HH:mm", "en": "EEEE d MMMM y 'at' HH:mm"}
COUNTS = ("received", "quotes", "pairs")
"""The placeholders that decide between singular and plural."""


@cache
def catalogue() -> dict[str, dict[str, dict[str, Any]]]:
    """Text name → language → part; a part that contains a count maps each plural form to its text."""
    found: dict[str, dict[str, dict[str, Any]]] = json.loads(
        Path(__file__).with_name("texts.json").read_text(encoding="utf-8")
    )
    return found


def text_name(kind: str, data: Mapping[str, Any]) -> str:
    """The name of a kind's text in the catalogue. ``window-ended`` and ``programme`` have several."""
    variant = {"window-ended": "reason", "programme": "about"}.get(kind)
    return f"{kind}/{data[variant]}" if variant else kind


def render(kind: str, data: Mapping[str, Any], language: str, zone: str) -> tuple[str, str]:
    """Title and body of a notification as plain text; to show them as HTML, escape them."""
    text = catalogue()[text_name(kind, data)][language]
    values = {name: _shown(value, language, zone) for name, value in data.items()}
    form = _plural_form(data, language)
    title, body = (_choose(text[part], form).format(**values) for part in ("title", "body"))
    return one_line(title).strip(), body


def mail_texts(language: str) -> dict[str, str]:
    """The texts around a notification in a mail: greeting, signature, footer."""
    return catalogue()["mail"][language]


def account_texts(kind: str, language: str) -> dict[str, str]:
    """Title, body and link text of a mail about the account."""
    return catalogue()["account"][language][kind]


def moment(value: datetime, language: str, zone: str) -> str:
    """``mercredi 25 novembre 2026 à 10:42 (Europe/Paris)``"""
    shown = format_datetime(value, PATTERNS[language], get_timezone(zone), LOCALES[language])
    return f"{shown} ({zone})"


def _shown(value: Any, language: str, zone: str) -> Any:
    return moment(value, language, zone) if isinstance(value, datetime) else value


def _plural_form(data: Mapping[str, Any], language: str) -> str:
    count = next((data[name] for name in COUNTS if name in data), None)
    return "other" if count is None else str(LOCALES[language].plural_form(count))


def _choose(part: str | Mapping[str, str], form: str) -> str:
    return part if isinstance(part, str) else cast("str", part.get(form, part["other"]))
