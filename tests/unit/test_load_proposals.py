"""The load's proposals are no copies of one another: each flag would cost the system what no real quote does."""

import random
from datetime import UTC, datetime

from services.quotes.model import Sketched, find_flags, sketch
from tests.load.proposals import proposal


def sketched(number: int, text: str) -> Sketched:
    return Sketched(f"q{number}", "p", f"a{number}", datetime(2026, 1, 5, tzinfo=UTC), sketch(text, b"secret"))


def test_proposals_of_the_load_are_not_flagged() -> None:
    lots = random.Random(1)
    quotes = [sketched(number, proposal(lots)) for number in range(60)]
    assert [flag for quote in quotes for flag in find_flags(quote, [one for one in quotes if one != quote], [])] == []
    assert find_flags(quotes[0], [sketched(61, proposal(random.Random(1)))], []), "an equal text would be flagged"
