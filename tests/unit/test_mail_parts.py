"""Every mail in both languages: two parts with the same words, nothing fetched, readable in light and dark."""

import re
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from contracts.messages import MESSAGES
from services.notify.model.audience import KINDS
from services.notify.model.mails import PAGES
from services.notify.model.texts import catalogue
from tests.kit.colours import contrast, tokens
from tests.kit.letters import SITE, Read, bodies_of, every_mail, words_of_text

MAILS = {(name, language): mail for name, language, mail in every_mail()}
TYPED = '<script>alert("x")</script> & {0} %s <b>\r\nBcc: x@example.org'
TYPED_MAILS = {(name, language): mail for name, language, mail in every_mail(TYPED)}
MAX_BYTES = 30_000
COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
DARK = re.compile(r"^\.([a-z]+) \{ (.*) \}$", re.MULTILINE)
every = pytest.mark.parametrize("mail", MAILS.values(), ids=map("-".join, MAILS))
typed = pytest.mark.parametrize("name", TYPED_MAILS, ids=map("-".join, TYPED_MAILS))


def html_of(mail: EmailMessage) -> str:
    return bodies_of(mail)[1]


def test_every_kind_of_mail_is_tested() -> None:
    names = {name.partition("/")[0] for name, _ in MAILS}
    assert names == {*KINDS} - {"programme"} | {"digest"} | catalogue()["account"]["fr"].keys() | MESSAGES.keys()
    assert names >= PAGES.keys()


@every
def test_both_parts_have_the_same_words_and_links(mail: EmailMessage) -> None:
    plain, html = bodies_of(mail)
    assert words_of_text(plain) == Read(html).words
    assert re.findall(rf"^ *({SITE}\S*)$", plain, re.MULTILINE) == Read(html).links


@every
def test_mail_says_what_it_is_and_who_gets_it(mail: EmailMessage) -> None:
    found = Read(html_of(mail))
    assert found.tags[0] == ("html", {"lang": mail["Content-Language"]})
    assert [tag for tag, _ in found.tags].count("h1") == 1
    for header in ("Subject", "To"):
        assert " ".join(str(mail[header]).split()) in " ".join(found.words)


@every
def test_mail_has_at_most_one_button(mail: EmailMessage) -> None:
    assert [tag for tag, _ in Read(html_of(mail)).tags].count("table") <= 1


@every
def test_preheader_is_the_start_of_the_mail(mail: EmailMessage) -> None:
    found = Read(html_of(mail))
    assert len(found.preheader) >= 3
    assert len(" ".join(found.preheader)) <= 140
    if "·" not in found.preheader:  # the titles of a digest
        *start, last = found.preheader
        assert " ".join([*start, last.removesuffix("…")]) in " ".join(found.words)


@every
def test_nothing_is_fetched_and_links_lead_to_us(mail: EmailMessage) -> None:
    html = html_of(mail)
    found = Read(html)
    assert {tag for tag, _ in found.tags}.isdisjoint({"img", "link", "script", "iframe", "form", "input", "svg"})
    assert not {name for _, attributes in found.tags for name in attributes} & {"src", "background", "srcset"}
    assert not re.search(r"url\(|@import|@font-face", html)
    assert all(link.startswith(f"{SITE}/") for link in found.links)


@every
def test_mail_is_small(mail: EmailMessage) -> None:
    assert len(html_of(mail).encode()) < MAX_BYTES


def test_colours_are_those_of_the_pages() -> None:
    for mail in MAILS.values():
        head, _, body = html_of(mail).partition("</head>")
        assert {*COLOUR.findall(body)} <= {*tokens(dark=False).values()}
        assert {*COLOUR.findall(head)} <= {*tokens(dark=True).values()}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_colour_is_readable_on_the_paper(dark: bool) -> None:
    """Inline styles hold the light colours, the rules of the head the dark ones, of every class that has a colour."""
    html = html_of(MAILS["invited", "fr"])
    inline = re.findall(r'class="([a-z]+)"[^>]* style="([^"]*)"', html)
    found: dict[str, dict[str, str]] = {}
    for name, style in DARK.findall(html) if dark else inline:
        colours = re.findall(r"(?<![a-z-])(background-color|color):\s*(#\w{6})", style)
        found.setdefault(name, {}).update(colours)
    assert found.keys() == {"paper", "soft", "accent"}
    paper = found["paper"]["background-color"]
    assert all(contrast(colours["color"], paper) >= 4.5 for colours in found.values())


def test_every_element_with_a_colour_has_a_dark_one() -> None:
    for mail in MAILS.values():
        for tag, attributes in Read(html_of(mail)).tags:
            if COLOUR.search(attributes.get("style") or ""):
                assert attributes.get("class") in ("paper", "soft", "accent"), tag


@typed
def test_values_are_shown_as_typed(name: tuple[str, str]) -> None:
    plain, html = bodies_of(TYPED_MAILS[name])
    found, usual = Read(html), Read(html_of(MAILS[name]))
    assert {tag for tag, _ in found.tags} - {"br"} == {tag for tag, _ in usual.tags} - {"br"}
    assert 'alert("x")</script> & {0} %s <b>' in " ".join(found.words)
    assert words_of_text(plain) == found.words


@typed
def test_no_value_starts_a_header(name: tuple[str, str]) -> None:
    usual, other = (message_from_bytes(m[name].as_bytes(), policy=policy.default) for m in (MAILS, TYPED_MAILS))
    assert other.keys() == usual.keys()
    assert "Bcc" not in other
