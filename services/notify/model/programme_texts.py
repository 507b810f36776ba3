"""The words of programmes' mails, from the section "programmes" of `texts.json`. Pure.

A part of a text is a string, or one string for each plural form of a count, or for each value of those in `SWITCHES`. A
paragraph that needs a value which is missing or empty is left out, so that a mail has no gap where a name is not yet
known.
"""

from collections.abc import Mapping
from datetime import datetime
from string import Formatter
from typing import Any

from contracts.messages import COUNTS
from services.notify.model.headers import one_line
from services.notify.model.moments import LOCALES, moment
from services.notify.model.texts import catalogue, mail_texts

Part = str | Mapping[str, str]
SWITCHES = ("side", "format", "moment")
"""The values that choose between texts."""


def words_of(kind: str, values: Mapping[str, Any], language: str, zone: str) -> dict[str, str]:
    """``title``, ``body``, ``open`` (the link's text) and ``footer`` as plain text; blank lines separate paragraphs."""
    text, common = catalogue()["programmes"][language][kind], mail_texts(language)
    body = [paragraph for part in text["body"] if (paragraph := _paragraph(part, values, language, zone))]
    title = _paragraph(text["title"], values, language, zone) or one_line(str(values.get("programme", "")))
    footer = _paragraph(common["programme_footer"], values, language, zone)
    return {"title": one_line(title).strip(), "body": "\n\n".join(body), "open": text["open"], "footer": footer}


def placeholders(text: str) -> set[str]:
    """The values that a text needs."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def _paragraph(part: Part, values: Mapping[str, Any], language: str, zone: str) -> str:
    text = part if isinstance(part, str) else _chosen(part, values, language)
    shown = {name: _shown(values.get(name), language, zone) for name in placeholders(text)}
    return text.format(**shown) if all(shown.values()) else ""


def _chosen(part: Mapping[str, str], values: Mapping[str, Any], language: str) -> str:
    """The form for the count that the text holds, or the text for the value that switches; empty if that is unknown."""
    if "other" in part:
        count = next((values.get(name) or 0 for name in COUNTS if name in placeholders(part["other"])), 0)
        return part.get(str(LOCALES[language].plural_form(count)), part["other"])
    return next((part[str(values[name])] for name in SWITCHES if str(values.get(name)) in part), "")


def _shown(value: Any, language: str, zone: str) -> str:
    """The value as text; empty for a count of zero, too: there is nothing to say about it."""
    return moment(value, language, zone) if isinstance(value, datetime) else str(value or "").strip()
