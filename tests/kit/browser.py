"""A real Chromium: pages that report what goes wrong on them, and checks that every page must pass."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyotp
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect, sync_playwright

from web.vocabulary import folded

CHROMIUM = Path("/usr/bin/chromium")
MISSING = f"{CHROMIUM} is missing: `make test-tools` installs Debian's package"
PATIENCE_MS = 60_000
HTML_BYTES = 60 * 1024
SHOTS = Path(__file__).resolve().parents[2] / "build" / "shots"
WIDTHS = (320, 1280)
AXE = Axe()
expect.set_options(timeout=PATIENCE_MS)  # the library's own five seconds are short for a busy machine
FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--font-render-hinting=none"]


@contextmanager
def chromium() -> Iterator[Browser]:
    """A running browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


class Tab:
    """One page of one person's browser. `wrong` collects what the console and the server complained about.

    `received` has all that reached this browser, but for static files: addresses, headers, bodies of every type, and
    events of streams. `missed` has the addresses of answers whose body could not be read.
    """

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.context, self.url = context, url
        self.wrong: list[str] = []
        self.received: list[str] = []
        self.missed: list[str] = []
        context.set_default_timeout(PATIENCE_MS)
        self.page = self.open()

    def open(self) -> Page:
        """One more tab of the same browser."""
        page = self.context.new_page()
        page.on("console", lambda said: self._note(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self._note(str(error)))
        page.on("response", self._keep)
        protocol = self.context.new_cdp_session(page)  # the only place where events of a stream are seen
        protocol.on("Network.eventSourceMessageReceived", lambda event: self.received.append(str(event)))
        protocol.send("Network.enable")
        return page

    def _note(self, text: str) -> None:
        if "Failed to load resource" not in text:  # the status of an answer is looked at by itself
            self.wrong.append(text)

    def _keep(self, answer: Any) -> None:
        if answer.status >= 500:
            self.wrong.append(f"{answer.status} {answer.url}")
        self.received.append(f"{answer.url} {answer.headers}")
        is_stream = "event-stream" in answer.headers.get("content-type", "")
        if is_stream or 300 <= answer.status < 400 or "/static/" in answer.url:
            return
        try:
            self.received.append(answer.body().decode("utf-8", "replace"))
        except Error:  # the page was left meanwhile
            self.missed.append(answer.url)

    def go(self, path: str) -> Page:
        """Opens a page of the site."""
        self.page.goto(self.url + path)
        return self.page

    def press(self, name: str) -> None:
        """Presses the button or follows the link of this name."""
        self.page.get_by_role("button", name=name).or_(self.page.get_by_role("link", name=name)).first.click()

    def fill(self, values: Mapping[str, str]) -> None:
        """Fills fields by their labels."""
        for label, value in values.items():
            self.page.get_by_label(label, exact=False).first.fill(value)

    def text(self) -> str:
        """What the page says, with ordinary spaces."""
        return re.sub(r"[\u00a0\u202f]", " ", self.page.inner_text("body"))


def sign_in(tab: Tab, email: str, password: str, then: str = "**/home") -> None:
    """Signs in, and waits for the page that comes next."""
    tab.go("/sign-in")
    tab.page.locator("#email").fill(email)
    tab.page.locator("#password").fill(password)
    tab.page.locator("main form button").first.click()
    tab.page.wait_for_url(then)


def enrol(tab: Tab, email: str, password: str) -> pyotp.TOTP:
    """An operator's first sign-in, which enrols an authenticator. Returns it: it gives the codes from then on."""
    sign_in(tab, email, password, "**/ops/factor")
    tab.page.locator("#password").fill(password)
    tab.page.locator("main form button").first.click()
    app = pyotp.TOTP(tab.page.locator(".secret").inner_text().replace(" ", ""))
    tab.page.locator("#code").fill(app.now())
    tab.page.locator("main form button").first.click()
    tab.page.wait_for_url("**/ops")
    return app


@contextmanager
def person(browser: Browser, url: str, **options: Any) -> Iterator[Tab]:
    """A browser of its own for one person; `options` are those of a context. Fails if the console complained."""
    context = browser.new_context(**{"locale": "fr-FR", "viewport": {"width": 1280, "height": 900}, **options})
    tab = Tab(context, url)
    yield tab
    context.close()
    assert tab.wrong == []


def mentions(received: Iterable[str], names: Iterable[str]) -> list[str]:
    """The names that stand in what was received, however written: escaped, encoded, with or without accents."""
    text = "\n".join(received)
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text)
    text = folded(unquote(unescape(text)))
    return [name for name in names if folded(name) in text]


def overflow(page: Page) -> int:
    """Pixels by which the page is wider than its window."""
    found: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return found


SHIFT = """() => new Promise(done => {
  let sum = 0;
  new PerformanceObserver(list => { for (const one of list.getEntries()) if (!one.hadRecentInput) sum += one.value; })
    .observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(sum), 50);
})"""


def shift(page: Page) -> float:
    """By how much the page moved by itself since it was opened: the cumulative layout shift of Web Vitals."""
    found: float = page.evaluate(SHIFT)
    return found


def enlarged(page: Page) -> int:
    """Pixels by which the page is wider than its window with text at 200 % (WCAG 1.4.4)."""
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    found = overflow(page)
    page.evaluate("document.documentElement.style.fontSize = ''")
    return found


WATCH = """() => {
  window.changes = 0;
  new MutationObserver(found => { window.changes += found.length; })
    .observe(document.body, { attributes: true, childList: true, subtree: true });
}"""


def violations(page: Page) -> list[dict[str, Any]]:
    """What axe finds on the page that is open. News replaces parts of a page: then it is examined again, and what is
    found twice in a row counts."""
    before: list[str] = []
    for _ in range(10):
        page.evaluate(WATCH)
        found: list[dict[str, Any]] = AXE.run(page).response["violations"]
        names = sorted(one["id"] for one in found)
        if page.evaluate("window.changes") == 0 or (names and names == before):
            return found
        before = names
    raise AssertionError("the page does not come to rest")


def faults(tab: Tab, name: str) -> list[str]:
    """What is wrong with the page that is open: narrow and dark, then wide and light. RELEVE_SHOTS keeps pictures."""
    wrong: list[str] = []
    for width, scheme in zip(WIDTHS, ("dark", "light"), strict=True):
        tab.page.set_viewport_size({"width": width, "height": 900})
        tab.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        if (pixels := overflow(tab.page)) > 0:
            wrong.append(f"{name}: {pixels} px too wide at {width}")
        if width == max(WIDTHS) and (pixels := enlarged(tab.page)) > 0:
            wrong.append(f"{name}: {pixels} px too wide with text at 200 %")
        found = violations(tab.page)
        wrong += [f"{name} {width} {scheme}: {one['id']} {one['nodes'][0]['html'][:120]}" for one in found]
        if os.environ.get("RELEVE_SHOTS"):
            SHOTS.mkdir(parents=True, exist_ok=True)
            tab.page.screenshot(path=SHOTS / f"{re.sub(r'[^a-z0-9]+', '-', name)}-{width}.png", full_page=True)
    return wrong
