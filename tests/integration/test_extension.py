"""A client extends the window of its round by hand: once, while it is open, and for nobody else."""

from datetime import timedelta
from typing import Any

import pytest

from chassis.mongo import Documents
from tests.kit.answers import body, problem
from tests.kit.examples import TERMS, card, posted_data
from tests.kit.racing import together
from tests.kit.services import Running

PATH = "/api/rounds/p/extension"


@pytest.fixture
def quotes(database: Documents) -> Running:
    """A round of 48 hours with an invited mentor."""
    quotes = Running("quotes", database)
    quotes.hear("project.posted", "p", 1, **posted_data("client", posted_at=quotes.now, window=timedelta(hours=48)))
    quotes.hear("mentors.invited", "p", 1, wave=1, mentors=[card("mentor-a")])
    return quotes


def stored(quotes: Running) -> Any:
    return quotes.database.rounds.find_one({"_id": "p"})


def test_extension_is_told_to_the_client_and_published_once(quotes: Running) -> None:
    before = quotes.get("client", "/api/rounds/p")
    assert before["extends_to"] > before["closes_at"]
    assert "extends_to" not in quotes.get("mentor-a", "/api/rounds/p")
    answer = quotes.call("client", "POST", PATH)
    assert (answer.status_code, body(answer)) == (200, {"closes_at": before["extends_to"]})
    after = quotes.get("client", "/api/rounds/p")
    assert (after["closes_at"], after["extended"]) == (before["extends_to"], True)
    assert "extends_to" not in after
    assert problem(quotes.call("client", "POST", PATH)) == (409, "not-extendable")
    (told,) = quotes.payloads("p", "window.extended")
    assert told["closes_at"] == before["extends_to"]
    assert stored(quotes)["closes_at"] == stored(quotes)["accepts_until"] == stored(quotes)["due_at"]


def test_mentor_may_quote_in_the_time_that_was_added(quotes: Running) -> None:
    assert quotes.call("client", "POST", PATH).status_code == 200
    later = timedelta(hours=60)  # after the end that was posted
    moved = {name: stored(quotes)[name] - later for name in ("opened_at", "closes_at", "accepts_until", "due_at")}
    quotes.database.rounds.update_one({"_id": "p"}, {"$set": moved})
    assert quotes.call("mentor-a", "POST", "/api/quotes", TERMS | {"project_id": "p"}).status_code == 201


@pytest.mark.parametrize(
    ("who", "refusal"), [("client-b", (404, "not-found")), ("mentor-a", (403, "forbidden")), ("x", (403, "forbidden"))]
)
def test_nobody_else_extends_a_window(quotes: Running, who: str, refusal: tuple[int, str]) -> None:
    role = "client" if who == "client-b" else "mentor"
    assert problem(quotes.call(who, "POST", PATH, role=role)) == refusal
    assert stored(quotes)["extended"] is False


def test_window_that_two_extend_at_once_is_extended_once(quotes: Running) -> None:
    before = stored(quotes)["closes_at"]
    answers = together(*(lambda: quotes.call("client", "POST", PATH).status_code for _ in range(2)))
    assert sorted(answers) == [200, 409]
    assert stored(quotes)["closes_at"] == before + timedelta(hours=24)
