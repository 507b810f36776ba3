"""Sketches of proposals: what they tell, and what they do not."""

import random
import time
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from services.quotes.model import Sketch, Sketched, all_hashes, find_flags, sketch
from services.quotes.model.sketches import SIZE, may_be_copy, resemblance, share_within, step_of

KEY, OTHER_KEY = b"a key", b"another key"
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WORDS = [f"mot{number}" for number in range(4_000)]


def text(count: int, seed: int) -> str:
    lots = random.Random(seed)
    return " ".join(lots.choices(WORDS, k=count))


def edited(original: str, share: float) -> str:
    """The text with this share of its words replaced, spread evenly."""
    words = original.split()
    step = round(1 / share)
    return " ".join("autre" + word if place % step == 0 else word for place, word in enumerate(words))


def shared(one: str, other: str) -> float:
    """The true resemblance: the share of sequences of three words in common."""
    sets = [set(zip(words, words[1:], words[2:], strict=False)) for words in (one.split(), other.split())]
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1])


def flags(one: Sketch, *others: Sketch, brief: str = "") -> list[tuple[str, str | None]]:
    quotes = [Sketched(f"q{number}", "p", f"m{number}", AT, drawn) for number, drawn in enumerate((one, *others))]
    return [(flag.reason, flag.similarity) for flag in find_flags(quotes[0], quotes[1:], all_hashes(brief, KEY))]


@pytest.mark.parametrize("share", [0.02, 0.05, 0.1])
def test_estimate_is_close_to_the_true_resemblance(share: float) -> None:
    misses = []
    for seed in range(20):
        one = text(600, seed)
        other = edited(one, share)
        misses.append(abs(resemblance(sketch(one, KEY), sketch(other, KEY)) - shared(one, other)))
    assert sum(misses) / len(misses) < 0.05
    assert max(misses) < 0.2


def test_copies_are_found_and_strangers_are_not() -> None:
    original = text(400, 1)
    drawn = sketch(original, KEY)
    assert flags(drawn, sketch(original.upper().replace(" ", ", "), KEY)) == [("near-copy", "all")]
    assert flags(drawn, sketch(edited(original, 0.1), KEY)) == [("near-copy", "half")]
    assert flags(drawn, sketch(text(400, 2), KEY)) == []
    assert flags(drawn, brief=original) == [("brief-copy", "all")]
    assert flags(drawn, brief=text(400, 3)) == []


@pytest.mark.parametrize("size", [12, 40, SIZE])
def test_cheap_check_keeps_every_near_copy_and_skips_different_texts(size: int) -> None:
    lots, steps = random.Random(7), set()
    for common in [number for number in range(size + 1) for _ in range(5)]:
        drawn = lots.sample(range(10_000), 2 * size - common)
        one, other = (Sketch(tuple(sorted(some))) for some in (drawn[:size], drawn[size - common :]))
        step = step_of(resemblance(one, other))
        steps.add(step)
        assert step is None or may_be_copy(frozenset(one.hashes), other)
    assert steps == {None, "half", "most", "all"}
    assert not may_be_copy(frozenset(sketch(text(400, 1), KEY).hashes), sketch(text(400, 2), KEY))


def test_brief_quoted_in_a_longer_proposal_is_no_copy() -> None:
    brief = text(60, 5)
    assert flags(sketch(f"{brief} {text(400, 6)}", KEY), brief=brief) == []
    assert flags(sketch(f"{brief} {text(20, 6)}", KEY), brief=brief)[0][0] == "brief-copy"


@pytest.mark.parametrize(
    ("proposal", "reasons"),
    [
        ("Deux ateliers par équipe, puis un suivi chaque semaine. " * 9, ["filler", "too-repetitive"]),
        (" ".join([text(60, 7)] * 5), ["too-repetitive"]),
        ("a" * 300, ["filler"]),
        ("Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore "
         "et dolore magna aliqua. Ut enim ad minim veniam, quis nostrud exercitation ullamco laboris.", ["filler"]),
        ("Je propose un diagnostic d'une demi-journée, puis six ateliers pratiques : un site témoin monté ensemble, "
         "une ligne éditoriale pour les réseaux sociaux, un CRM pris en main sur vos cas, et deux activations.", []),
    ],
)  # fmt: skip
def test_repeated_and_empty_texts_are_flagged(proposal: str, reasons: list[str]) -> None:
    assert [reason for reason, _ in flags(sketch(proposal, KEY))] == reasons


def test_sketch_holds_nothing_that_is_readable_without_the_key() -> None:
    proposal = text(300, 8)
    mine, theirs = sketch(proposal, KEY), sketch(proposal, OTHER_KEY)
    assert not set(mine.hashes) & set(theirs.hashes)
    assert len(mine.hashes) == SIZE
    assert all(0 <= value < 1 << 63 for value in mine.hashes)
    assert all(one < other for one, other in pairwise(mine.hashes)), "sorted: the order of words is lost"


def test_texts_without_words_resemble_nothing() -> None:
    nothing = sketch("!" * 300, KEY)
    assert resemblance(nothing, nothing) == share_within(nothing, []) == 0
    assert step_of(0.49) is None
    assert flags(nothing, nothing) == [("filler", None)]


def test_longest_proposal_is_sketched_in_a_moment() -> None:
    longest = text(4_000, 9)[:20_000]
    began = time.process_time()
    sketch(longest, KEY)
    assert time.process_time() - began < 0.05 * 5  # shared machines vary
