"""What a mail says, written once: its text part and its HTML part are two renderings of one `Letter`. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import shorten

from jinja2 import Environment, FileSystemLoader, StrictUndefined

PREHEADER = 140
"""Characters of the text that mail programs show beside the subject."""
TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=lambda name: name != "letter.txt.j2",
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    auto_reload=False,
)
_TIED = re.compile(r" (?=[:;!?»])|(?<=«) |(?<=\d) (?=h \d)|(?<=\d h) (?=\d)")

Block = str | Sequence[str]
"""A paragraph, or the lines of a list."""


@dataclass(frozen=True)
class Link:
    """The words of a link and its address."""

    text: str
    url: str


@dataclass(frozen=True)
class Item:
    """One of several notifications in a letter; the title is the link."""

    title: str
    body: str
    url: str


@dataclass(frozen=True)
class Letter:
    """All words of a mail, as plain text. ``choices`` are where its recipient decides what else they receive."""

    language: str
    title: str
    greeting: str
    body: Sequence[Block]
    signature: str
    footer: str
    items: Sequence[Item] = ()
    button: Link | None = None
    choices: Sequence[Link] = ()
    sender: str = "Relève"

    @property
    def preheader(self) -> str:
        """The start of the mail for lists of mails, without the greeting: the items' titles, or the first paragraph."""
        first = " · ".join(item.title for item in self.items) or next((b for b in self.body if isinstance(b, str)), "")
        return shorten(first, PREHEADER, placeholder="…")


def paragraphs(text: str) -> list[str]:
    """Splits a text at its blank lines."""
    return text.split("\n\n")


def as_text(letter: Letter) -> str:
    """The text part."""
    return TEMPLATES.get_template("letter.txt.j2").render(letter=letter)


def as_html(letter: Letter) -> str:
    """The HTML part: the same words, each value escaped. Nothing in it is fetched."""
    tied = _tied if letter.language == "fr" else str
    return TEMPLATES.get_template("letter.html.j2").render(letter=letter, tied=tied)


def _tied(text: str) -> str:
    """French typography: no line begins with a sign, ends with an opening quotation mark, or breaks « 10 h 42 »."""
    return _TIED.sub("\u00a0", text)
