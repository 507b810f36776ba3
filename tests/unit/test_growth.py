"""What a text costs grows with its length: twice the text, about twice the steps, whatever it is made of.

Time is not measured: a step is a line of our own code that runs, the same number on every machine and in every run.
A scan that begins anew at each place takes four times the steps for twice the text. What a pattern does inside one call
is not seen here; `test_leaks` has the texts that patterns could backtrack over.
"""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts import vocabulary
from contracts.scan import contact_data, fold, name_words
from services.projects.leaks import Identity, find_leaks

PIECES = [
    "a", "b", "ab", "s", "é", "e\u0301", "\u200b", "ﷺ", "œ", "中", "0", "1", "06", "33", "75001", "٣", "@", ".", "..",
    "-", "_", ",", "'", "\u2019", "/", "//", "(", ")", "[", "]", "{", "}", "+", "#", ":", " ", "  ", "\n", "\t",
    "at", "dot", "point", "arobase", "www", "http://", "https", "com", "fr", "rue", "place", "cedex", "bis", "m.",
    "\u00a0", "mme", "nestle", "Nestlé", "waters", "NW", "in/", "01.23.45.67.89", "[.]", "…", "€",
]  # fmt: skip
CLIENT = Identity(
    name="Nestlé Waters & Co", aliases=("NW", "N"), people=("Camille de la Tour",), products=("ab", "aba", "abab"),
    siren="912345678", domains=("nestle-waters.fr",), contact_name="A. B", contact_email="a.b@nestle-waters.fr",
    contact_phone="+33 6 12 34 56 78",
)  # fmt: skip
NESTED = Identity(products=tuple("a" * k for k in range(2, 202)))
SCANS: dict[str, Callable[[str], Any]] = {
    "leaks": lambda text: find_leaks({"brief": text}, CLIENT),
    "leaks of names that nest": lambda text: find_leaks({"brief": text}, NESTED),
    "contact data": contact_data,
    "fold": fold,
    "name words": name_words,
    "suggestions": vocabulary.suggest,
    "search": vocabulary.search,
}
LENGTH = 1_500
"""Characters of the shorter text: beyond what small texts cost at least."""
ROOM = 3.0
"""How many times more steps twice the text may take. In linear time it is 2, in quadratic time 4."""


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
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(pieces=st.lists(st.sampled_from(PIECES), min_size=1, max_size=5))
def test_twice_the_text_takes_about_twice_the_steps(name: str, pieces: list[str]) -> None:
    assert grows(SCANS[name], "".join(pieces)) <= ROOM


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
