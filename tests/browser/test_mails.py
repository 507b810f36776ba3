"""Mails in a real browser, as sent and as mail programs leave them: readable, within the window, nothing lost."""

import os
import re
from collections.abc import Callable, Iterator
from email.message import EmailMessage

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.kit.browser import SHOTS, overflow
from tests.kit.letters import bodies_of, every_mail, words_of_text

AXE = Axe()
OF_THE_STANDARD = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
"""Without axe's own advice on landmarks: a mail is shown inside the page of a mail program, which has them."""
LOOKS = [(320, "light"), (320, "dark"), (640, "light"), (640, "dark")]
SHAPES = ("invited", "digest", "project-cancelled", "erasure-incomplete", "enrolled")
"""Mails that differ in their parts; the others have the parts of one of these."""


def without_sheet(html: str) -> str:
    return re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)


def without_styles(html: str) -> str:
    return re.sub(r' style="[^"]*"', "", without_sheet(html))


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """A page that fails the tests if it fetches anything."""
    asked: list[str] = []
    context = browser.new_context()
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    yield page
    context.close()
    assert asked == []


def shown(page: Page, name: str, mail: EmailMessage, change: Callable[[str], str] = str) -> Iterator[str]:
    """Shows the HTML part in every look, and yields what is wrong except for what axe finds."""
    plain, html = bodies_of(mail)
    page.set_content(change(html))
    if page.inner_text("body").split() != words_of_text(plain):
        yield f"{name}: other words than in the text"
    for width, scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        if (pixels := overflow(page)) > 0:
            yield f"{name}: {pixels} px too wide at {width}"
        if os.environ.get("RELEVE_SHOTS"):
            SHOTS.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=SHOTS / f"mail-{name.replace('/', '-')}-{width}-{scheme}.png", full_page=True)


def faults(page: Page, scheme: str) -> list[str]:
    """What axe finds."""
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    found = AXE.run(page, options=OF_THE_STANDARD).response["violations"]
    return [f"{scheme}: {one['id']} {one['nodes'][0]['html'][:120]}" for one in found]


def test_every_mail_fits_and_has_the_words_of_its_text(page: Page) -> None:
    wrong = [fault for name, language, mail in every_mail() for fault in shown(page, f"{name}-{language}", mail)]
    assert wrong == []


@pytest.mark.parametrize("change", [str, without_sheet, without_styles])
@pytest.mark.parametrize("shape", SHAPES)
def test_mails_of_every_shape_are_accessible(page: Page, shape: str, change: Callable[[str], str]) -> None:
    schemes = ["light"] if change is without_styles else ["light", "dark"]  # axe does not know Chromium's dark colours
    for name, language, mail in every_mail():
        if name == shape:
            assert list(shown(page, f"{name}-{language}-{change.__name__}", mail, change)) == []
            assert [fault for scheme in schemes for fault in faults(page, scheme)] == []
