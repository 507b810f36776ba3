"""What a text costs grows with its length: twice the text, about twice the work, whatever it is made of.

Work is counted in two ways. A step is a line of our own code that runs: the same number on every machine and in every
run. What happens inside one call of a library (a pattern, a normalisation) is no step of ours, so the time of this
thread on the processor is looked at too. The wall clock is never asked. Four times the text takes 4 times as long in
linear time and 16 times in quadratic time; the bound lies between. Other load only ever adds time, so the least of
several runs counts, and a text that seems costly is measured again before the test fails.
"""

import sys
import time
import unicodedata
from collections.abc import Callable
from datetime import date
from functools import partial
from types import FrameType
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts import blind, vocabulary
from contracts.scan import contact_data, fold, name_words
from services.matching.model import Candidate, Need, rank
from services.notify.model.headers import mailbox, unstructured
from services.projects.clients.pdf import render
from services.projects.model.leaks import Identity, find_leaks
from tests.kit.orders import KEYS, order

PIECES = [
    "a", "b", "ab", "s", "é", "e\u0301", "\u200b", "ﷺ", "œ", "中", "0", "1", "06", "33", "75001", "٣", "@", ".", "..",
    "-", "_", ",", "'", "\u2019", "/", "//", "(", ")", "[", "]", "{", "}", "+", "#", ":", " ", "  ", "\n", "\t",
    "at", "dot", "point", "arobase", "www", "http://", "https", "com", "fr", "rue", "place", "cedex", "bis", "m.",
    "\u0301\u0316", "ab.f", "ab.fr/", "x.com/", "?", ":80", "ffi", "=?utf-8?q?a?=",
    "\u00a0", "mme", "nestle", "Nestlé", "waters", "NW", "in/", "01.23.45.67.89", "[.]", "…", "€",
]  # fmt: skip
CLIENT = Identity(
    name="Nestlé Waters & Co", aliases=("NW", "N"), people=("Camille de la Tour",), products=("ab", "aba", "abab"),
    siren="912345678", domains=("nestle-waters.fr",), contact_name="A. B", contact_email="a.b@nestle-waters.fr",
    contact_phone="+33 6 12 34 56 78",
)  # fmt: skip
MENTOR = Candidate(mentor="m", skills=("podcast",), languages=("fr",), bio="podcast sur le CRM")
TODAY = date(2026, 1, 1)
NORMALISE = partial(unicodedata.normalize, "NFC")
NESTED = Identity(products=tuple("a" * k for k in range(2, 202)))
SCANS: dict[str, Callable[[str], Any]] = {
    "leaks": lambda text: find_leaks({"brief": text}, CLIENT),
    "leaks of names that nest": lambda text: find_leaks({"brief": text}, NESTED),
    "contact data": contact_data,
    "fold": fold,
    "name words": name_words,
    "suggestions": vocabulary.suggest,
    "search": vocabulary.search,
    "blind digests": blind.normalise,
    "ranking": lambda text: rank(Need(("podcast",), ("fr",), "a", text), [MENTOR], TODAY, "seed"),
    "subject of a mail": lambda text: unstructured("Subject", text),
    "name in a mail": lambda text: mailbox("From", text, "a@b.example"),
}
LENGTH = 1_500
"""Characters of the shorter text: beyond what small texts cost at least."""
ROOM = 3.0
"""How many times more steps twice the text may take. In linear time it is 2, in quadratic time 4."""
LONG = 20_000
"""Characters of the longer text where time is measured: the longest brief or proposal."""
TIMES = 8.5
"""How many times longer four times the text may take. In linear time it is 4, in quadratic time 16."""
NOTHING_S = 0.01
"""Seconds of processor that no text is too costly for, whatever the ratio."""
LOOKS = 5
"""How often a text that seems costly is measured, before it is believed."""
PLAIN = "Un atelier par semaine, avec les équipes. "
PAPER = 16
"""How many times longer than plain text the setting of any other of its length may take."""


def steps(scan: Callable[[str], Any], text: str) -> int:
    """The lines of our own that run while ``scan`` reads ``text``."""
    count = 0

    def line(_frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return line

    def call(frame: FrameType, _event: str, _argument: Any) -> Any:
        file = frame.f_code.co_filename
        return line if "/contracts/" in file or "/services/" in file else None

    before = sys.gettrace()
    sys.settrace(call)
    try:
        scan(text)
    finally:
        sys.settrace(before)
    return count


def grows(scan: Callable[[str], Any], piece: str) -> float:
    """How many times more steps twice as much of ``piece`` takes, over again."""
    shorter = (piece * LENGTH)[:LENGTH]
    return steps(scan, shorter + shorter) / max(1, steps(scan, shorter))


@pytest.mark.parametrize("name", SCANS)
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(pieces=st.lists(st.sampled_from(PIECES), min_size=1, max_size=5))
def test_twice_the_text_takes_about_twice_the_steps(name: str, pieces: list[str]) -> None:
    assert grows(SCANS[name], "".join(pieces)) <= ROOM


def slows(scan: Callable[[str], Any], start: str, piece: str, end: str) -> bool:
    """Whether four times as much of ``piece`` between ``start`` and ``end`` takes far more than four times as long."""
    long, short = (start + (piece * length)[:length] + end for length in (LONG, LONG // 4))
    slow = quick = float("inf")
    for _ in range(LOOKS):
        slow = min(slow, processor_time(scan, long))
        if slow <= NOTHING_S:
            return False
        quick = min(quick, processor_time(scan, short))
        if slow <= TIMES * quick:
            return False
    return True


def processor_time(scan: Callable[[str], Any], text: str) -> float:
    """Seconds of processor that this thread takes."""
    began = time.thread_time()
    scan(text)
    return time.thread_time() - began


@pytest.mark.parametrize("name", SCANS)
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    pieces=st.lists(st.sampled_from(PIECES), min_size=1, max_size=5),
    ends=st.tuples(st.sampled_from(["", *PIECES]), st.sampled_from(["", *PIECES])),
)
def test_four_times_the_text_takes_about_four_times_as_long(
    name: str, pieces: list[str], ends: tuple[str, str]
) -> None:
    assert not slows(SCANS[name], ends[0], "".join(pieces), ends[1])


@pytest.mark.parametrize(
    ("start", "piece", "end"),
    [
        ("", "ab.fr/", ""),
        ("", "ab.fr?", ""),
        ("ab.f", "\u0301\u0316", "r c"),
        ("a", "\u0301\u0316", ""),
        ("", "01.23.45.67.89.", ""),
        ("", "@ab", ""),
    ],
)
@pytest.mark.parametrize("name", SCANS)
def test_texts_that_slowed_a_library_down_do_not(name: str, start: str, piece: str, end: str) -> None:
    assert not slows(SCANS[name], start, piece, end)


@pytest.mark.parametrize("planted", [lambda text: [text[k:].count("b") for k in range(len(text))], NORMALISE])
def test_quadratic_time_inside_a_library_is_seen(planted: Callable[[str], Any]) -> None:
    assert slows(planted, "a", "\u0301\u0316", "")


@pytest.mark.parametrize("piece", ["ffi", "a\u00ad", "א a ", "中", "a\n\n", "\u0301\u0316", "a\t", "👨‍👩‍👧"])
def test_no_scope_makes_an_order_costly_to_set(piece: str) -> None:
    def takes(text: str) -> float:
        scope = f"{uuid4().hex} " + (text * LONG)[: LONG - 40]  # no two alike: the typesetter remembers what it has set
        began = time.process_time()  # of all threads: it has its own
        render(order(proposal=scope), "fr", KEYS)
        return time.process_time() - began

    takes("a")  # loads the fonts
    plain = min(takes(PLAIN) for _ in range(3))
    assert any(takes(piece) <= PAPER * plain for _ in range(LOOKS))


@pytest.mark.parametrize("piece", ["01.23.45.67.89.", "@ab", "a a  ", "ab ", "a.b@c.fr", "@a06 12 34 56 78", "1 rue A"])
@pytest.mark.parametrize("name", ["leaks", "leaks of names that nest", "contact data"])
def test_texts_that_were_costly_once_are_not(name: str, piece: str) -> None:
    assert grows(SCANS[name], piece) <= ROOM


def test_a_scan_that_reads_the_rest_again_at_each_place_is_seen() -> None:
    def again(text: str) -> list[Any]:  # as the leak scan did: a whole scan for each leak that another uncovers
        return [fold(text) for _ in range(text.count("é") // 50)]

    code = compile("def work(text):\n for start in range(0, len(text), 20):\n  for _ in text[start::20]:\n   pass\n",
                   "/services/planted.py", "exec")  # fmt: skip
    scope: dict[str, Any] = {}
    exec(code, scope)
    assert grows(scope["work"], "ab") > ROOM
    assert grows(again, "é") > ROOM
