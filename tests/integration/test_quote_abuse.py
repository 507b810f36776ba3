"""Quotas of mentors, slots that cannot be held on purpose, and flags on copies; exact, on a real MongoDB."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from chassis.ids import new_id
from chassis.mongo import Document, connect
from chassis.places import TRAIL, rows_of
from tests.kit.answers import body, problem
from tests.kit.examples import TERMS, card, posted_data
from tests.kit.racing import together
from tests.kit.services import Running

SETTINGS = {
    "RELEVE_OPEN_CLAIMS": "3",
    "RELEVE_LAPSED_CLAIMS": "2",
    "RELEVE_QUOTES_A_DAY": "5",
    "RELEVE_VERIFY_EMAIL": "true",
}
WORDS = [f"mot{number}" for number in range(5_000)]
OPERATOR = "operator-1"


class Quotes(Running):
    """One quotes service, with rounds that these mentors are invited to."""

    def round(self, *mentors: str, brief: str = "Un projet de formation.", **written: Any) -> str:
        project = new_id()
        data = posted_data(posted_at=self.now, brief=brief, close_early=False, **written)
        self.hear("project.posted", project, 1, **data)
        self.hear("mentors.invited", project, 1, wave=1, mentors=[card(mentor) for mentor in mentors])
        return project

    def claim(self, mentor: str, project: str, **headers: str) -> Any:
        return self.call(mentor, "POST", f"/api/rounds/{project}/claim", **headers)

    def submit(self, mentor: str, project: str, proposal: str = TERMS["proposal"]) -> Any:
        return self.call(mentor, "POST", "/api/quotes", {**TERMS, "project_id": project, "proposal": proposal})

    def quoted(self, mentor: str, project: str, proposal: str = TERMS["proposal"]) -> str:
        answer = self.submit(mentor, project, proposal)
        assert answer.status_code == 201, answer.text
        return str(body(answer)["id"])

    def compare(self) -> None:
        """Fires the deadlines of all sketches that are due."""
        deadline = next(one for one in self.service.deadlines if one.collection == "sketches")
        for row in list(self.database.sketches.find({"due_at": {"$ne": None}}, {"_id": 1})):
            self.work.run(lambda unit, row=row: deadline.fire(unit, row["_id"], self.config))  # type: ignore[misc]

    def flags(self, *quotes: str) -> list[Document]:
        """The flags that an operator reads on these quotes, oldest first."""
        self.compare()
        items = self.get(OPERATOR, "/api/operations/rounds/flags?limit=100")["items"]
        return [item for item in reversed(items) if {quote["quote_id"] for quote in item["quotes"]} & set(quotes)]

    def expire_claims(self, project: str) -> None:
        """Passes the time of a round's claims."""
        past = self.now - timedelta(seconds=1)
        change = {"$set": {"slots.$[claim].expires_at": past, "due_at": past}}
        filters = [{"claim.quote_id": None}]
        self.database.rounds.update_one({"_id": project}, change, array_filters=filters)
        self.fire(project)


@pytest.fixture(scope="module")
def quotes(mongo_uri: str) -> Iterator[Quotes]:
    database = connect(mongo_uri, f"test_{new_id().replace('-', '_')}", app="test")
    running = Quotes("quotes", database, **SETTINGS)  # type: ignore[arg-type]
    yield running
    running.drop()


@pytest.fixture
def mentor() -> str:
    return f"mentor-{new_id()}"


def text(first: int, count: int = 60) -> str:
    return " ".join(WORDS[first : first + count])


# Quotas.


def test_concurrent_claims_stop_exactly_at_the_quota(quotes: Quotes, mentor: str) -> None:
    rounds = [quotes.round(mentor) for _ in range(10)]
    answers = together(*(partial(quotes.claim, mentor, project) for project in rounds))
    assert Counter(answer.status_code for answer in answers) == {201: 3, 429: 7}
    late = next(answer for answer in answers if answer.status_code == 429)
    assert (problem(late), int(late.headers["Retry-After"]) > 0) == ((429, "too-many-claims"), True)
    held = [project for project, answer in zip(rounds, answers, strict=True) if answer.status_code == 201]
    assert quotes.claim(mentor, held[0]).status_code == 201, "repeating a claim is no further one"
    quotes.quoted(mentor, held[0])
    free = next(project for project in rounds if project not in held)
    assert quotes.claim(mentor, free).status_code == 201, "a quote has used its claim"


def test_concurrent_quotes_stop_exactly_at_the_quota_of_a_day(quotes: Quotes, mentor: str) -> None:
    rounds = [quotes.round(mentor) for _ in range(12)]
    answers = together(*(partial(quotes.submit, mentor, project) for project in rounds))
    assert Counter(answer.status_code for answer in answers) == {201: 5, 429: 7}
    late = next(answer for answer in answers if answer.status_code == 429)
    assert problem(late) == (429, "too-many-quotes")
    assert 86_000 < int(late.headers["Retry-After"]) <= 86_400
    [made, *_] = [body(answer)["id"] for answer in answers if answer.status_code == 201]
    assert quotes.call(mentor, "DELETE", f"/api/quotes/{made}").status_code == 204
    full = next(project for project, answer in zip(rounds, answers, strict=True) if answer.status_code == 429)
    assert problem(quotes.submit(mentor, full)) == (429, "too-many-quotes"), "withdrawing frees no place"
    a_day_ago = quotes.now - timedelta(days=1)
    quotes.database.quotes.update_one({"_id": made}, {"$set": {"created_at": a_day_ago}})
    assert quotes.submit(mentor, full).status_code == 201


def test_unverified_mentor_neither_claims_nor_quotes(quotes: Quotes, mentor: str) -> None:
    project, http = quotes.round(mentor), quotes.app.test_client()
    headers = quotes.signer.header(mentor, verified=False)
    assert problem(http.post(f"/api/rounds/{project}/claim", headers=headers)) == (403, "unverified")
    quote = {**TERMS, "project_id": project}
    assert problem(http.post("/api/quotes", json=quote, headers=headers)) == (403, "unverified")
    stranger = quotes.signer.header("mentor-stranger", verified=False)
    assert problem(http.post("/api/quotes", json=quote, headers=stranger)) == (404, "not-found")


# Holding slots on purpose.


def test_mentor_cannot_hold_a_slot_again_by_withdrawing(quotes: Quotes, mentor: str) -> None:
    """An attack that worked: claim, quote before the claim expires, withdraw, claim again, until the window ends."""
    project = quotes.round(mentor)
    assert quotes.claim(mentor, project).status_code == 201
    quote = quotes.quoted(mentor, project)
    assert quotes.call(mentor, "DELETE", f"/api/quotes/{quote}").status_code == 204
    assert problem(quotes.claim(mentor, project)) == (409, "claim-spent")
    assert quotes.submit(mentor, project).status_code == 201, "the mentor may quote again"


def test_mentor_whose_claims_lapse_makes_no_more_for_a_week(quotes: Quotes, mentor: str) -> None:
    rounds = [quotes.round(mentor) for _ in range(4)]
    for project in rounds[:2]:
        assert quotes.claim(mentor, project).status_code == 201
        quotes.expire_claims(project)
    refused = quotes.claim(mentor, rounds[2])
    assert problem(refused) == (429, "too-many-claims")
    assert 6 * 86_400 < int(refused.headers["Retry-After"]) <= 7 * 86_400
    assert quotes.submit(mentor, rounds[2]).status_code == 201, "a quote needs no claim"
    week = quotes.now - timedelta(days=7)
    quotes.database.rounds.update_one({"_id": rounds[0]}, {"$set": {"opened_at": week}})
    assert quotes.claim(mentor, rounds[3]).status_code == 201


def test_quoting_and_withdrawing_in_one_round_has_an_end(quotes: Quotes, mentor: str) -> None:
    project = quotes.round(mentor)
    for _ in range(5):
        quote = quotes.quoted(mentor, project)
        assert quotes.call(mentor, "DELETE", f"/api/quotes/{quote}").status_code == 204
        quotes.database.quotes.update_one({"_id": quote}, {"$set": {"created_at": quotes.now - timedelta(days=2)}})
    assert problem(quotes.submit(mentor, project)) == (409, "quotes-spent")


# Copies.


def test_copy_in_another_round_is_flagged_without_a_word(quotes: Quotes, mentor: str) -> None:
    other, said = f"{mentor}-2", text(0)
    first = quotes.quoted(mentor, quotes.round(mentor), said)
    second = quotes.quoted(other, quotes.round(other), f"{said.upper()} Bonjour.")
    [flag] = quotes.flags(first, second)
    assert (flag["reason"], flag["similarity"]) == ("near-copy", "all")
    assert [(quote["quote_id"], quote["mentor"]) for quote in flag["quotes"]] == [(first, mentor), (second, other)]
    stored = f"{flag} {list(quotes.database.flags.find())} {list(quotes.database.sketches.find())}".lower()
    assert not any(word in stored for word in said.split())
    assert str(TERMS["price"]["amount"]) not in stored
    assert rows_of(quotes.database, TRAIL).count_documents({"what": "flags.read", "whom": other}) == 1
    for who in (mentor, "client"):
        assert quotes.call(who, "GET", "/api/operations/rounds/flags").status_code == 403


def test_two_copies_handed_in_concurrently_are_flagged(quotes: Quotes) -> None:
    people = [f"mentor-{new_id()}" for _ in range(4)]
    rounds = [quotes.round(one) for one in people]
    made = together(
        *(partial(quotes.quoted, one, project, text(100)) for one, project in zip(people, rounds, strict=True))
    )
    assert len(quotes.flags(*made)) == 6, "each pair of the four"


def test_revised_proposal_is_compared_anew(quotes: Quotes, mentor: str) -> None:
    other = f"{mentor}-2"
    project = quotes.round(mentor, other, brief=text(400))
    first = quotes.quoted(mentor, project, text(200))
    second = quotes.quoted(other, project, text(300))
    path = f"/api/quotes/{second}"
    assert quotes.flags(second) == []
    assert quotes.call(other, "PATCH", path, {"proposal": text(200)}).status_code == 200
    assert [flag["reason"] for flag in quotes.flags(second)] == ["near-copy"]
    assert quotes.call(other, "PATCH", path, {"days": 4}).status_code == 200
    assert [flag["reason"] for flag in quotes.flags(second)] == ["near-copy"], "the proposal stays"
    assert quotes.call(other, "PATCH", path, {"proposal": text(400)}).status_code == 200
    assert [flag["reason"] for flag in quotes.flags(second)] == ["brief-copy"]
    repeated = " ".join([text(300, 25)] * 6)
    assert quotes.call(other, "PATCH", path, {"proposal": repeated}).status_code == 200
    assert [flag["reason"] for flag in quotes.flags(second)] == ["too-repetitive"]
    assert quotes.flags(first) == []


def test_sketches_end_with_their_quote_and_their_mentor(quotes: Quotes, mentor: str) -> None:
    others = [f"{mentor}-{number}" for number in range(3)]
    rounds = [quotes.round(one) for one in others]
    made = [quotes.quoted(one, project, text(500)) for one, project in zip(others, rounds, strict=True)]
    assert len(quotes.flags(*made)) == 3
    assert quotes.call(others[0], "DELETE", f"/api/quotes/{made[0]}").status_code == 204
    assert len(quotes.flags(*made)) == 1
    quotes.hear("project.cancelled", rounds[1], 2, reason="Un doublon.")
    assert quotes.flags(*made) == []
    assert [row["_id"] for row in quotes.database.sketches.find({"_id": {"$in": made}})] == [made[2]]
    quotes.hear("account.erased", others[2], 1, role="mentor")
    assert quotes.database.sketches.count_documents({"_id": {"$in": made}}) == 0


def test_erased_mentor_is_in_no_flag(quotes: Quotes, mentor: str) -> None:
    other = f"{mentor}-2"
    made = [quotes.quoted(one, quotes.round(one), text(600)) for one in (mentor, other)]
    assert len(quotes.flags(*made)) == 1
    quotes.hear("account.erased", mentor, 1, role="mentor")
    assert quotes.flags(*made) == []
