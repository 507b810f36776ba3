"""The cost of processing a text grows linearly with its length, whatever the text consists of.

Work is measured in two ways. A step is an executed line of our own code; the count is the same on every machine and in
every run. Work inside a library call (a pattern, a normalisation) is no step, so the CPU time of this thread is
measured too; the wall clock is not used. Four times the text takes 4 times as long in linear time and 16 times in
quadratic time; the bound lies between. Other load can only add time, so the minimum of several runs counts, and a text
that seems costly is measured again before the test fails.
"""

import sys
import time
import unicodedata
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts import blind, vocabulary
from contracts.fit.refusals import told, wanted
from contracts.fit.topics import by_words
from contracts.scan import contact_data, fold, name_words
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
NORMALISE = partial(unicodedata.normalize, "NFC")
NESTED = Identity(products=tuple("a" * k for k in range(2, 202)))
SCANS: dict[str, Callable[[str], Any]] = {
    "leaks": lambda text: find_leaks({"brief": text}, CLIENT),
    "leaks of names that nest": lambda text: find_leaks({"brief": text}, NESTED),
    "contact data": contact_data,
    "fold": fold,
    "name words": name_words,
    "suggestions": vocabulary.suggest,
    "search": lambda text: (vocabulary.forget(), vocabulary.search(text)),  # as for the first time
    "blind digests": blind.normalise,
    "words of a text": by_words,
    "what a brief refuses": wanted,
    "what a bio disclaims": told,
    "subject of a mail": lambda text: unstructured("Subject", text),
    "name in a mail": lambda text: mailbox("From", text, "a@b.example"),
}
LENGTH = 1_500
"""Length in characters of the shorter text, above the fixed costs of small texts."""
ROOM = 3.0
"""Maximum factor of steps for twice the text. It is 2 in linear time and 4 in quadratic time."""
LONG = 20_000
"""Length in characters of the longer text in measurements of time: the longest brief or proposal."""
TIMES = 8.5
"""Maximum factor of time for four times the text. It is 4 in linear time and 16 in quadratic time."""
NOTHING_S = 0.01
"""CPU time in seconds below which no text counts as costly, whatever the ratio."""
LOOKS = 5
"""Number of measurements of a text that seems costly before the test fails."""
PLAIN = "Un atelier par semaine, avec les équipes. "
PAPER = 16
"""Maximum factor of typesetting time compared with plain text of the same length."""


def steps(scan: Callable[[str], Any], text: str) -> int:
    """The number of our own lines executed while ``scan`` reads ``text``."""
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
    """The factor of steps when ``piece`` is repeated twice as often."""
    shorter = (piece * LENGTH)[:LENGTH]
    scan("")  # builds what is kept between scans, such as the search terms of an identity
    return steps(scan, shorter + shorter) / max(1, steps(scan, shorter))


@pytest.mark.parametrize("name", SCANS)
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(pieces=st.lists(st.sampled_from(PIECES), min_size=1, max_size=5))
def test_steps_grow_linearly_with_the_text(name: str, pieces: list[str]) -> None:
    assert grows(SCANS[name], "".join(pieces)) <= ROOM


def slows(scan: Callable[[str], Any], start: str, piece: str, end: str) -> bool:
    """Whether four times as many repetitions of ``piece`` between ``start`` and ``end`` exceed the factor of time."""
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
    """The CPU time of this thread, in seconds."""
    began = time.thread_time()
    scan(text)
    return time.thread_time() - began


@pytest.mark.parametrize("name", SCANS)
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    pieces=st.lists(st.sampled_from(PIECES), min_size=1, max_size=5),
    ends=st.tuples(st.sampled_from(["", *PIECES]), st.sampled_from(["", *PIECES])),
)
def test_time_grows_linearly_with_the_text(name: str, pieces: list[str], ends: tuple[str, str]) -> None:
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
def test_texts_that_once_slowed_a_library_are_cheap(name: str, start: str, piece: str, end: str) -> None:
    assert not slows(SCANS[name], start, piece, end)


@pytest.mark.parametrize("planted", [lambda text: [text[k:].count("b") for k in range(len(text))], NORMALISE])
def test_quadratic_time_inside_a_library_is_detected(planted: Callable[[str], Any]) -> None:
    assert slows(planted, "a", "\u0301\u0316", "")


@pytest.mark.parametrize("piece", ["ffi", "a\u00ad", "א a ", "中", "a\n\n", "\u0301\u0316", "a\t", "👨‍👩‍👧"])
def test_no_scope_makes_typesetting_an_order_costly(piece: str) -> None:
    def takes(text: str) -> float:
        scope = f"{uuid4().hex} " + (text * LONG)[: LONG - 40]  # every text is unique, because the typesetter caches
        began = time.process_time()  # of all threads, because the typesetter starts its own
        render(order(proposal=scope), "fr", KEYS)
        return time.process_time() - began

    takes("a")  # loads the fonts
    plain = min(takes(PLAIN) for _ in range(3))
    assert any(takes(piece) <= PAPER * plain for _ in range(LOOKS))


@pytest.mark.parametrize("piece", ["01.23.45.67.89.", "@ab", "a a  ", "ab ", "a.b@c.fr", "@a06 12 34 56 78", "1 rue A"])
@pytest.mark.parametrize("name", ["leaks", "leaks of names that nest", "contact data"])
def test_texts_that_were_once_costly_are_cheap(name: str, piece: str) -> None:
    assert grows(SCANS[name], piece) <= ROOM


def test_scan_that_rereads_the_rest_is_detected() -> None:
    def again(text: str) -> list[Any]:  # like an earlier leak scan: a whole scan for each uncovered leak
        return [fold(text) for _ in range(text.count("é") // 50)]

    code = compile("def work(text):\n for start in range(0, len(text), 20):\n  for _ in text[start::20]:\n   pass\n",
                   "/services/planted.py", "exec")  # fmt: skip
    scope: dict[str, Any] = {}
    exec(code, scope)
    assert grows(scope["work"], "ab") > ROOM
    assert grows(again, "é") > ROOM
