"""Every mail that notify can send, in both languages, with values as people type them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any

from contracts.messages import COMMON, MESSAGES
from services.notify.model.mails import (
    PAGES,
    AccountMail,
    Address,
    Letterhead,
    compose,
    compose_account_mail,
    compose_digest,
)
from services.notify.model.programme_mails import ProgrammeMail, compose_programme_mail
from services.notify.model.texts import LANGUAGES, VARIANTS, catalogue, mail_words

AT = datetime(2031, 11, 25, 9, 42, tzinfo=UTC)
ZONE = "Europe/Paris"
SITE = "https://releve.example"
LETTERHEAD = Letterhead("Relève <no-reply@releve.example>", SITE)
TITLE = "Accompagner nos équipes : site, réseaux & CRM"
REASON = "Le budget manque.\n\nNous reviendrons l'an prochain."
DATA: Mapping[str, Any] = {
    "title": TITLE, "closes_at": AT, "until": AT, "received": 5, "quotes": 5, "reason": REASON,
    "pairs": 20, "unpaired": 1,
}  # fmt: skip
VALUES: Mapping[str, Any] = {
    "programme": "Horizons", "host": "PWN Paris", "contact_name": "Claire Petit", "contact_email": "claire@pwn.example",
    "until": AT, "purpose": "Vous dirigez une équipe.\nVous voulez mieux comprendre les réseaux & l'IA.",
    "side": "mentee", "format": "pairing", "organisation": "AXA", "partner": "Inès Roy",
    "partner_email": "ines.roy@pwn.example", "answer_by": AT, "starts_at": AT, "team": "Les Ponts",
    "challenge": "Oser prendre la parole en ligne", "moment": "start", "pairs": 3, "unpaired": 2, "count": 4,
}  # fmt: skip
OTHER_VALUES = ({"side": "mentor"}, {"format": "challenge"}, {"moment": "end"})
"""Values that choose other paragraphs."""
SERVICES = ["accounts", "projects", "quotes", "notify"]


def every_mail(typed: str = "") -> Iterator[tuple[str, str, EmailMessage]]:
    """Each mail with its name and its language; ``typed`` replaces what people type, their names included."""
    for language in LANGUAGES:
        to = Address("thomas.moreau@exemple.fr", typed or "Thomas Moreau", language)
        for mails in (_of_projects(to, typed), _of_accounts(to), _of_programmes(to, typed)):
            for name, mail in mails:
                yield name, language, mail


def kinds_mailed() -> list[str]:
    """The names of the texts of notifications that are mailed."""
    around = {"mail", "account", "services", "programmes"}
    return [name for name in catalogue() if name not in around and not name.startswith("programme/")]


def _of_projects(to: Address, typed: str) -> Iterator[tuple[str, EmailMessage]]:
    every = []
    for name in kinds_mailed():
        kind, _, variant = name.partition("/")
        data = dict(DATA) | ({"title": typed, "reason": typed} if typed else {})
        data |= {VARIANTS[kind]: variant} if variant else {}
        words = mail_words(kind, data, to.locale, ZONE)
        every.append((f"{kind}-id", words.title, words.body))
        yield name, compose("d.email", f"{kind}-id", words, to, LETTERHEAD, AT, "t0k3n")
    yield "digest", compose_digest("d.digest", every[:4], to, LETTERHEAD, AT, "t0k3n")


def _of_accounts(to: Address) -> Iterator[tuple[str, EmailMessage]]:
    for kind in catalogue()["account"][to.locale]:
        token = "t0k3n" if PAGES.get(kind) not in (None, "sign-in") else None
        mail = AccountMail(kind, to, token, AT, SERVICES[:2], SERVICES[2:])
        yield kind, compose_account_mail("d.email", mail, ZONE, LETTERHEAD, AT)


def _of_programmes(to: Address, typed: str) -> Iterator[tuple[str, EmailMessage]]:
    for kind, names in MESSAGES.items():
        given = {name: VALUES[name] for name in (*COMMON, *names)}
        if typed:
            given |= {name: typed for name in given if isinstance(VALUES[name], str) and not _chooses(name)}
        others = [other for other in OTHER_VALUES if other.keys() <= {*names}]
        for number, values in enumerate([{}, *others]):
            mail = ProgrammeMail(kind, None, to, "pair", "t0k3n", ZONE, given | values)
            name = f"{kind}/{number}" if number else kind
            yield name, compose_programme_mail("d.email", mail, to, ZONE, LETTERHEAD, AT)


def _chooses(name: str) -> bool:
    return any(name in other for other in OTHER_VALUES)


def bodies_of(mail: EmailMessage) -> tuple[str, str]:
    """The text part and the HTML part; fails if there are others, or if they stand in another order."""
    assert mail.get_content_type() == "multipart/alternative"
    plain, html = mail.iter_parts()
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    return plain.get_content(), html.get_content()  # type: ignore[attr-defined]


def words_of_text(text: str) -> list[str]:
    """The words of a text part in order, without addresses of pages and the signs of lists and of the signature."""
    kept = re.sub(rf"^ *{re.escape(SITE)}/\S*$|^-- $|^[*–] ", "", text, flags=re.MULTILINE)
    return kept.split()


class Read(HTMLParser):
    """An HTML part as its reader sees it: words in order, addresses of links, and the hidden preheader."""

    _VOID = ("meta", "br", "link", "img", "hr", "input")

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, Mapping[str, str | None]]] = []
        self._said: dict[str, list[str]] = {"shown": [], "hidden": [], "head": []}
        self._open: list[str] = []
        self.feed(html)
        self.close()

    @property
    def links(self) -> list[str]:
        return [attributes["href"] or "" for tag, attributes in self.tags if tag == "a"]

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.tags.append((tag, attributes))
        if tag not in self._VOID:
            within = next((place for place in self._open if place != "shown"), "shown")
            self._open.append("head" if tag == "head" else "hidden" if "hidden" in attributes else within)
        elif tag == "br":
            self.handle_data(" ")

    def handle_endtag(self, _tag: str) -> None:
        self._open.pop()

    def handle_data(self, data: str) -> None:
        self._said[self._open[-1] if self._open else "head"].append(data)

    @property
    def words(self) -> list[str]:
        """What is shown, in words."""
        return "".join(self._said["shown"]).split()

    @property
    def preheader(self) -> list[str]:
        """What lists of mails show beside the subject, in words."""
        return "".join(self._said["hidden"]).split()
