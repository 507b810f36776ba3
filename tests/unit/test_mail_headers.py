"""Mail headers and bodies are read back unchanged by two decoders: our own after RFC 2047, and Python's."""

import base64
import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.notify.config import Config
from services.notify.model.headers import BadAddress, ascii_address, mailbox, one_line, unstructured
from services.notify.model.mails import Address, compose, compose_digest
from services.notify.model.texts import Words
from tests.kit.notify import TOKENS

NOW = datetime(2026, 11, 23, 21, 0, tzinfo=UTC)
CONFIG = Config.read(TOKENS | {"RELEVE_PUBLIC_URL": "https://releve.example"})
ENCODED_WORD = re.compile(r"=\?([!->@-~]+)\?([BbQq])\?([!->@-~]*)\?=")
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=120)
TRICKY = st.lists(
    st.sampled_from(
        [
            "é",
            "é à",
            " ",
            "  ",
            "\u00a0",
            "=?utf-8?q?x?=",
            "=?",
            "?=",
            "_",
            "=",
            "?",
            "abc",
            "👩🏽‍💻",
            "\t",
            '"',
            "<a@b.c>",
        ]
    )
).map("".join)
LONG = "Accompagner nos équipes à l'étranger, où la clientèle préfère écrire. "


def decoded(value: str) -> str:
    """Decodes a field's value after RFC 2047: drops white space between encoded words, keeps all other text."""
    unfolded, at, last, out = value.replace("\r\n", ""), 0, 0, ""
    for word in ENCODED_WORD.finditer(unfolded):
        between = unfolded[last : word.start()]
        out += "" if at and between.isspace() else between
        charset, way, text = word.groups()
        if way in "Bb":
            raw = base64.b64decode(text, validate=True)
        else:
            raw = re.sub(rb"=([0-9A-F]{2})", lambda m: bytes([int(m[1], 16)]), text.replace("_", " ").encode())
        out += raw.decode(charset)  # each word holds whole characters (RFC 2047, 5)
        last, at = word.end(), at + 1
    return out + unfolded[last:]


def sent(title: str, body: str = "b", config: Config = CONFIG) -> EmailMessage:
    to = Address("lea@example.org", "Léa", "fr")
    return compose("d1.email", "n1", Words(title, body, "Ouvrir"), to, config.letterhead, NOW)


def field(raw: bytes, name: bytes) -> str:
    """The folded value of a header field, as transmitted."""
    found = re.search(
        rb"^" + name + rb": ?([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)", raw.partition(b"\r\n\r\n")[0], re.MULTILINE
    )
    assert found
    return found[1].decode("ascii")


@given(TEXTS | TRICKY)
@example("noséquipes é à")
@example(LONG * 4)
@example("=?utf-8?q?Appelez_le_0612345678?=")
@example("é =?utf-8?q?x?= é")
def test_subject_is_decoded_unchanged(title: str) -> None:
    value = field(sent(title).as_bytes(), b"Subject")
    assert decoded(value) == one_line(title)
    assert str(make_header(decode_header(value))) == one_line(title)


@given(TEXTS | TRICKY)
def test_subject_is_one_folded_ascii_field(title: str) -> None:
    raw = sent(title).as_bytes()
    head = raw.partition(b"\r\n\r\n")[0]
    assert all(len(line) <= 78 for line in head.split(b"\r\n"))
    names = [line.partition(b":")[0] for line in head.split(b"\r\n") if line[:1] not in b" \t"]
    assert names == [
        line.partition(b":")[0]
        for line in sent("t").as_bytes().partition(b"\r\n\r\n")[0].split(b"\r\n")
        if line[:1] not in b" \t"
    ]


@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r", "\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\x00"])
def test_line_break_in_a_subject_starts_no_header(line_end: str) -> None:
    message = message_from_bytes(sent(f"CRM{line_end}Bcc: x@example.org").as_bytes(), policy=policy.default)
    assert message["Bcc"] is None
    assert message["Subject"] == "CRM Bcc: x@example.org"


def test_short_ascii_subject_is_not_encoded() -> None:
    assert unstructured("Subject", "Your quote was chosen: CRM") == "Your quote was chosen: CRM"


@given(TEXTS | TRICKY)
@example("Relève Équipe")
@example(LONG)
@example('=?utf-8?q?x?= "a" <b@c.d>')
def test_display_name_is_kept_and_adds_no_address(name: str) -> None:
    value = mailbox("From", name, "no-reply@releve.example")
    phrase, _, address = value.rpartition("<")
    assert (address or value).rstrip(">") == "no-reply@releve.example"
    assert decoded(phrase).strip(" ") == one_line(name).strip()
    message = EmailMessage(policy.SMTP)
    message.set_raw("From", value)
    assert [found.addr_spec for found in message["From"].addresses] == ["no-reply@releve.example"]


def test_senders_name_keeps_spaces_between_accented_words() -> None:
    config = Config.read(TOKENS | {"RELEVE_MAIL_FROM": "Relève Équipe à Évian <a@releve.example>"})
    assert decoded(field(sent("t", config=config).as_bytes(), b"From")) == "Relève Équipe à Évian <a@releve.example>"


def test_long_urls_and_ids_are_not_encoded() -> None:
    url = "https://" + ".".join(["releve" * 5] * 5) + ".example"
    sender = f"a@{'.'.join(['releve' * 5] * 5)}.example"
    config = Config.read(TOKENS | {"RELEVE_PUBLIC_URL": url, "RELEVE_MAIL_FROM": sender})
    raw = sent("t", config=config).as_bytes()
    assert field(raw, b"List-Unsubscribe") == f"<{url}/notifications/preferences>"
    assert field(raw, b"Message-ID") == f"<d1.email@{sender[2:]}>"


@given(TEXTS | TRICKY)
@example("=?utf-8?q?x?=\u2028é\x85à\x0c")
@example(LONG * 20)
def test_body_is_decoded_unchanged(body: str) -> None:
    message = message_from_bytes(sent("t", body).as_bytes(), policy=policy.default)
    plain = message.get_body(("plain",))
    assert plain is not None
    expected = f"\n\n{body}\n\n".replace("\r\n", "\n").replace("\r", "\n")
    assert expected in plain.get_content().replace("\r\n", "\n")


def test_digest_titles_appear_in_both_bodies() -> None:
    title = "=?utf-8?q?x?= é à"
    to = Address("lea@example.org", "Léa", "fr")
    message = compose_digest("d", [("n1", title, "b")], to, CONFIG.letterhead, NOW)
    read = message_from_bytes(message.as_bytes(), policy=policy.default)
    assert all(title in part.get_content() for part in read.iter_parts())


@pytest.mark.parametrize(
    ("address", "goes_to"),
    [
        ("lea@bücher.example", "lea@xn--bcher-kva.example"),
        ("lea@xn--bcher-kva.example", "lea@xn--bcher-kva.example"),
        ("lea@Bücher.example", "lea@xn--bcher-kva.example"),
        ("lea@straße.example", "lea@xn--strae-oqa.example"),
        ("zoé@bücher.example", "zoé@xn--bcher-kva.example"),
        ("Lea.M@example.org", "Lea.M@example.org"),
    ],
)
def test_domain_is_sent_in_its_dns_form(address: str, goes_to: str) -> None:
    assert ascii_address(address) == goes_to


@pytest.mark.parametrize("address", ["lea@bü cher.example", "lea@-ü.example", "lea@ü..example", "lea@\u2028ü.example"])
def test_impossible_domain_is_a_bad_address(address: str) -> None:
    with pytest.raises(BadAddress):
        ascii_address(address)


def test_recipient_without_a_name_is_greeted_without_one() -> None:
    to = Address("lea@example.org", "", "en")
    plain = compose("d", "n", Words("t", "b", "o"), to, CONFIG.letterhead, NOW).get_body(("plain",))
    assert plain is not None
    assert "\n\nHello,\n\n" in plain.get_content()
