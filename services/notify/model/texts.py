"""Texts in the person's language, rendered when they are read, from `texts.json` and babel's plurals."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, cast

from services.notify.model.headers import one_line
from services.notify.model.letter import Block, paragraphs
from services.notify.model.moments import LOCALES, moment

LANGUAGES = ("fr", "en")
DEFAULT_LANGUAGE = "fr"
COUNTS = ("received", "quotes", "pairs")
"""The placeholders that decide between singular and plural."""

VARIANTS = {
    "window-ended": "reason",
    "programme": "about",
    "choice-reopened": "left",
    "project-completed": "side",
    "project-expired": "side",
    "review-shown": "reviews",
}
"""The kinds with several texts, and the part of their data that chooses one."""


class Words(NamedTuple):
    """What a notification's mail says; ``open`` are the words of its link."""

    title: str
    body: str
    open: str


@cache
def catalogue() -> dict[str, dict[str, dict[str, Any]]]:
    """Text name → language → part; a part that contains a count maps each plural form to its text."""
    found: dict[str, dict[str, dict[str, Any]]] = json.loads(
        Path(__file__).with_name("texts.json").read_text(encoding="utf-8")
    )
    return found


def text_name(kind: str, data: Mapping[str, Any]) -> str:
    """The name of a kind's text in the catalogue; some kinds have several, and one has another for the client."""
    variant = VARIANTS.get(kind, "")
    return f"{kind}/{data[variant]}" if variant in data else kind


def render(kind: str, data: Mapping[str, Any], language: str, zone: str) -> tuple[str, str]:
    """Title and body of a notification as plain text; to show them as HTML, escape them."""
    text = catalogue()[text_name(kind, data)][language]
    values = {name: _shown(value, language, zone) for name, value in data.items()}
    form = _plural_form(data, language)
    title, body = (_choose(text[part], form).format(**values) for part in ("title", "body"))
    return one_line(title).strip(), body


def mail_words(kind: str, data: Mapping[str, Any], language: str, zone: str) -> Words:
    """Title, body and link of a notification's mail; kinds of programmes, which request their mails, have none."""
    return Words(*render(kind, data, language, zone), catalogue()[text_name(kind, data)][language]["open"])


def mail_texts(language: str) -> dict[str, str]:
    """The texts around a notification in a mail: greeting, signature, footer."""
    return catalogue()["mail"][language]


def account_texts(
    kind: str, language: str, values: Mapping[str, str], lists: Mapping[str, Sequence[str]]
) -> tuple[str, list[Block], str]:
    """Title, body and link text of a mail about the account; a paragraph that only names a list becomes that list."""
    text: Mapping[str, str] = catalogue()["account"][language][kind]
    body = [
        lists[name] if (name := part.strip("{}")) in lists else part.format(**values)
        for part in paragraphs(text["body"])
    ]
    return text["title"].format(**values), body, text["open"]


def services_named(services: Sequence[str], language: str) -> list[str]:
    """What these services keep of a person; a service without words of its own by its name."""
    words = catalogue()["services"][language]
    return [words.get(service, service) for service in services]


def _shown(value: Any, language: str, zone: str) -> Any:
    return moment(value, language, zone) if isinstance(value, datetime) else value


def _plural_form(data: Mapping[str, Any], language: str) -> str:
    count = next((data[name] for name in COUNTS if name in data), None)
    return "other" if count is None else str(LOCALES[language].plural_form(count))


def _choose(part: str | Mapping[str, str], form: str) -> str:
    return part if isinstance(part, str) else cast("str", part.get(form, part["other"]))
