"""Pages: weight, calls of the API, time to the first byte and faults of every page, with the whole system running.

`make bench-pages`, with ARGS="--rounds 20". Each round opens every page once and asks a bare route of the gateway
once, by turns, so that both meet the same load of the machine. The time to the first byte is reported as a multiple of
that route's, as well as in milliseconds. Bytes are those on the wire: the client accepts compressed answers.

ARGS="--under 50000" sends so many projects a day to the system, and meanwhile measures the first byte of four pages a
second.
"""

import argparse
import gzip
import itertools
import os
import re
import statistics
import sys
import tempfile
import time
import urllib.request
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from playwright.sync_api import Browser

from benchmarks import machine, report
from benchmarks.report import say
from benchmarks.underload import Load, load
from deploy.local.run import hire
from deploy.local.system import ROOT, System
from stories import samples
from tests.kit.browser import AXE, Tab, chromium, person, shift, sign_in
from tests.load.target import OWN

ROUNDS: Final = 20
DOCUMENT: Final = ROOT / "docs" / "measurements" / "pages.md"
UNDER_LOAD: Final = DOCUMENT.with_name("pages-under-load.md")
LOADED_S: Final = 120
IDLE_S: Final = 20
"""Seconds without a request after which a browser's connection is taken for closed."""
PAUSE_S: Final = 0.25
"""Between two pages under load, so that the pages are not themselves the load."""
BARE: Final = "/healthz"
"""A route of the gateway that no service of ours computes anything for."""
INNER: Final = "http.inner.downstream_rq_total"
"""Envoy's count of requests on the listener that the pages call."""
LATEST_MS: Final = 200
"""The goal for the time to the first byte at the 95th percentile."""
FIRST_VIEW_KB: Final = 100
SENT: Final = """() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
  .reduce((sum, one) => sum + one.transferSize, 0)"""
HEADERS: Final = {"Accept": "text/html", "Accept-Encoding": "gzip", "Accept-Language": "fr-FR,fr"}
FIRST: Final = ("/", "/how", "/sign-up", "/sign-in", "/forgotten", "/nowhere")
AT: Final = {"client": "/home", "mentor": "/home", "operator": "/ops"}
EMAILS: Final = {"client": samples.CLIENT, "mentor": samples.MENTOR, "operator": samples.OPERATOR}
LINK: Final = re.compile(rb'href="(/[^"#]*)"')
NO_PAGE: Final = re.compile(r"^/(static|api)|/(export|download)|\.(pdf|csv|ics|json|xml|txt|webmanifest|svg|png)$")
ID: Final = re.compile(r"(?<=/)[A-Za-z0-9_-]{20,}(?=/|$)")
SLOWEST: Final = 10
MOST: Final = 80
"""Pages of one kind of person that a crawl measures."""


@dataclass
class Measured:
    """What is known of one page: bytes on the wire and of HTML, calls of each opening, and seconds to the first byte.

    ``moved`` is the cumulative layout shift, ``broken`` the rules of axe that it breaks.
    """

    wire: int = 0
    html: int = 0
    calls: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    moved: float = 0.0
    broken: tuple[str, ...] = ()


class Visitor:
    """One person's browser without a browser: a connection that is kept, and the cookies of a signed-in tab."""

    def __init__(self, url: str, cookies: Sequence[Mapping[str, Any]] = ()) -> None:
        at = urlsplit(url)
        self._connection = HTTPConnection(at.hostname or "", at.port, timeout=30)
        self._used = time.monotonic()
        self._cookies = "; ".join(f"{one['name']}={one['value']}" for one in cookies)

    def open(self, path: str) -> tuple[float, int, bytes]:
        """Seconds to the first byte, bytes of the body on the wire, and the body. Raises OSError if it is no page."""
        if time.monotonic() - self._used > IDLE_S:
            self._connection.close()  # the gateway closes it soon; the next request opens another
            self._connection.connect()
        began = time.perf_counter()
        self._connection.request("GET", path, headers=HEADERS | ({"Cookie": self._cookies} if self._cookies else {}))
        answer = self._connection.getresponse()
        seconds = time.perf_counter() - began
        self._used, body = time.monotonic(), answer.read()
        if answer.status != 200 and path != "/nowhere":
            raise OSError(f"{path}: {answer.status}")
        zipped = answer.getheader("Content-Encoding") == "gzip"
        return seconds, len(body), gzip.decompress(body) if zipped else body


Visits = dict[str, tuple[Visitor, list[tuple[str, str]]]]
"""By kind of person: a connection, and the pages as names and paths."""


def main(arguments: Sequence[str]) -> int:
    """Measures all pages, prints the table and writes the document. Returns 1 if a page misses a goal."""
    asked = argparse.ArgumentParser(description="Weight, calls and first byte of every page.")
    asked.add_argument("--rounds", type=int, default=ROUNDS, help=f"openings of each page, {ROUNDS} without")
    asked.add_argument("--print-only", action="store_true", help="do not write the document")
    asked.add_argument("--under", type=int, default=0, metavar="A_DAY", help="projects a day that arrive meanwhile")
    options = asked.parse_args(arguments)
    before = os.getloadavg()
    with tempfile.TemporaryDirectory(prefix="releve-pages-") as folder:
        say("starting the system")
        settings = OWN if options.under else {}
        with System(Path(folder) / "data", settings=settings, say=lambda _line: None) as system, chromium() as browser:
            say("creating the samples")
            soon = {"RELEVE_CHOICE_PERIOD": "PT2S"}
            made = samples.make(system.url, lambda _line: None, lambda: system.with_settings("projects-worker", soon))
            hire(system, samples.OPERATOR, samples.PASSWORD)
            visitors = visits(system, browser, made)
            if options.under:
                with load(system, Path(folder), options.under, LOADED_S) as running:
                    text = under_load(system, visitors, running, options.under, machine.described(before))
                written(text, UNDER_LOAD, options.print_only)
                return 0
            whole = first_view(browser, system.url)
            pages, bare = measure(system, browser, visitors, options.rounds)
    text = document(pages, bare, whole, machine.described(before))
    written(text, DOCUMENT, options.print_only)
    late = [name for name, one in pages.items() if one.broken or one.moved > 0.01]
    print(f"✗ faults: {', '.join(late)}" if late else "✓ no page shifts or breaks a rule of axe")
    return 1 if late else 0


def written(text: str, to: Path, print_only: bool) -> None:
    """Prints the tables and writes them to the document."""
    print(text)
    if not print_only:
        report.rewrite(to, text)


def visits(system: System, browser: Browser, made: Mapping[str, str]) -> Visits:
    """The pages that each kind of person finds, and a connection of theirs."""
    visitors: Visits = {}
    for who in ("visitor", *AT):
        with person(browser, system.url) as tab:
            if who in AT:
                sign_in(tab, EMAILS[who], samples.PASSWORD, f"**{AT[who]}")
            visitor = Visitor(system.url, tab.context.cookies())
            paths = found(visitor, [AT[who]] if who in AT else FIRST, states_of(who, made))
            visitors[who] = visitor, [(f"{who}: {name}", path) for name, path in paths]
    return visitors


def measure(
    system: System, browser: Browser, visitors: Visits, rounds: int
) -> tuple[dict[str, Measured], list[float]]:
    """Every page by its name, and the seconds of the bare route."""
    pages: dict[str, Measured] = defaultdict(Measured)
    for who, (_, paths) in visitors.items():
        say(f"{len(paths)} pages of a {who} in Chromium")
        with person(browser, system.url) as tab:
            if who in AT:
                sign_in(tab, EMAILS[who], samples.PASSWORD, f"**{AT[who]}")
            for name, path in paths:
                looked_at(tab, path, pages[name])
    bare: list[float] = []
    floor = Visitor(system.url)
    for number in range(rounds):
        say(f"round {number + 1} of {rounds}")
        for visitor, paths in visitors.values():
            for name, path in paths:
                bare.append(floor.open(BARE)[0])
                before = calls(system)
                seconds, pages[name].wire, body = visitor.open(path)
                pages[name].html = len(body)
                pages[name].calls.append(calls(system) - before)
                if number:  # the first opening fills caches
                    pages[name].seconds.append(seconds)
    return dict(pages), bare


def under_load(system: System, visitors: Visits, running: Load, a_day: int, described: str) -> str:
    """The tables of the first bytes while projects arrive: by kind of person, and the slowest pages."""
    seconds: dict[str, list[float]] = defaultdict(list)
    bare: list[float] = []
    floor = Visitor(system.url)
    say("pages are opened")
    every_page = [(who, visitor, name, path) for who, (visitor, paths) in visitors.items() for name, path in paths]
    for who, visitor, name, path in itertools.cycle(every_page):
        if not running.sends:
            break
        bare.append(floor.open(BARE)[0])
        taken = visitor.open(path)[0]
        seconds[f"every page: {who}"].append(taken)
        seconds[name].append(taken)
        time.sleep(PAUSE_S)
    found = running.found()
    kinds = [name for name in seconds if name.startswith("every page: ")]
    every = [taken for name in kinds for taken in seconds[name]]
    slowest = sorted(seconds.keys() - set(kinds), key=lambda name: -max(seconds[name]))[:SLOWEST]
    rows = [
        [name, str(len(some)), f"{1000 * statistics.median(some):.0f}",
         f"{1000 * p95(some):.0f}" if len(some) > 20 else "", f"{1000 * max(some):.0f}",
         f"{statistics.median(some) / statistics.median(bare):.1f}"]
        for name, some in [("every page", every), *((name, seconds[name]) for name in (*kinds, *slowest))]
    ]  # fmt: skip
    broken = len(found["breaks"])
    held = f"{broken} of the load's own objectives were missed" if broken else "every objective of the load was held"
    rate = f"{a_day:,}".replace(",", " ")
    sent = f"{rate} projects a day for {LOADED_S} s, {found['requests_a_second']} requests a second"
    return "\n\n".join(
        [
            described,
            f"{sent}, with the generator and this command on the same cores; {held}. The bare route's median is "
            f"{1000 * statistics.median(bare):.1f} ms, its 95th percentile {1000 * p95(bare):.1f} ms. "
            f"Over all pages the 95th percentile is {1000 * p95(every):.0f} ms; the goal is {LATEST_MS} ms.",
            report.table(["page", "opened", "median ms", "p95 ms", "slowest ms", "× bare"], rows),
        ]
    )


def states_of(who: str, made: Mapping[str, str]) -> dict[str, str]:
    """A client's projects, one in each state."""
    theirs = made if who == "client" else {}
    return {f"/projects/… {state}": f"/projects/{project}" for state, project in theirs.items()}


def found(visitor: Visitor, first: Sequence[str], named: Mapping[str, str]) -> list[tuple[str, str]]:
    """The pages that links lead to from the first ones: a name with "…" for ids, and the address. One for each name.

    Those in ``named`` have a name of their own.
    """
    names = dict(named)
    waiting = [*first, *named.values()]
    seen = {ID.sub("…", path) for path in named.values()}
    opened: set[str] = set()
    while waiting and len(names) < MOST:
        path = unescape(waiting.pop(0))
        if path in opened:
            continue
        opened.add(path)
        name = ID.sub("…", urlsplit(path).path)
        if name in names or NO_PAGE.search(urlsplit(path).path):
            continue
        try:
            _, _, body = visitor.open(path)
        except OSError:
            continue  # a deed that is not possible now, or a page that redirects
        if name not in seen:
            names[name] = path
        waiting += [one.decode() for one in LINK.findall(body)]
    return list(names.items())


def first_view(browser: Browser, url: str) -> int:
    """Bytes on the wire of the landing page with all that it needs, in a browser that has seen nothing yet."""
    with person(browser, url) as tab:
        tab.go("/")
        tab.page.wait_for_load_state("networkidle")
        return int(tab.page.evaluate(SENT))


def looked_at(tab: Tab, path: str, page: Measured) -> None:
    """Opens the page in Chromium: how much it moves while it loads, and which rules it breaks."""
    tab.go(path)
    page.moved = max(page.moved, shift(tab.page))
    page.broken = tuple(sorted({one["id"] for one in AXE.run(tab.page).response["violations"]}))


def calls(system: System) -> int:
    """Requests that the pages have sent to the API so far."""
    with urllib.request.urlopen(f"http://127.0.0.1:{system.port_of('envoy-admin')}/stats?filter={INNER}") as answer:
        found = re.search(r": (\d+)", answer.read().decode())
    return int(found[1]) if found else 0


def document(pages: Mapping[str, Measured], bare: Sequence[float], whole: int, described: str) -> str:
    """The tables."""
    floor = statistics.median(bare)
    rows = [
        [
            name,
            f"{one.html / 1024:.1f}",
            f"{one.wire / 1024:.1f}",
            f"{statistics.median(one.calls):.0f}",
            f"{1000 * statistics.median(one.seconds):.0f}",
            f"{1000 * p95(one.seconds):.0f}",
            f"{statistics.median(one.seconds) / floor:.1f}",
            f"{one.moved:.3f}",
            str(len(one.broken)),
        ]
        for name, one in pages.items()
    ]
    head = ["page", "HTML KB", "wire KB", "calls", "median ms", "p95 ms", "× bare", "shift", "axe"]
    every = [second for one in pages.values() for second in one.seconds]
    return "\n\n".join(
        [
            described,
            f"The bare route's median is {1000 * floor:.1f} ms, its 95th percentile {1000 * p95(bare):.1f} ms. "
            f"Over all pages the 95th percentile is {1000 * p95(every):.0f} ms; the goal is {LATEST_MS} ms. "
            f"A first view of the landing page is {whole / 1024:.0f} KB on the wire; the goal is {FIRST_VIEW_KB} KB.",
            report.table(head, rows),
        ]
    )


def p95(seconds: Sequence[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(seconds, n=20, method="inclusive")[18]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
