"""Costly bodies through the gateway are answered as documented, within seconds.

`tests/unit/test_growth.py` tests the growth of the cost without a clock. Here the client's timeout is a few seconds:
many times the response time on a busy machine, and a small part of the time these bodies took before inputs were
bounded (39 s for the digits, 200 s for the topics).
"""

from typing import Any

import httpx
import pytest

from stories.nestle_waters import BRIEF, ORGANISATION
from stories.people import Person, client, mentor
from tests.stories.running import Running

PATIENCE_S = 5.0
LONGEST = 20_000
PRODUCTS = ["a" * size for size in range(2, 152)]
POSTING: dict[str, Any] = {"title": "Balado", "topics": ["podcast"], "languages": ["fr"], "window": "PT1H"}
BRIEFS = {
    "digits": ("", "01.23.45.67.89.", ""),
    "handles": ("", "@ab", ""),
    "addresses in a row": ("", "ab.fr/", ""),
    "marks on one letter": ("ab.f", "\u0301\u0316", "r c@d.example"),
    "mailboxes": ("", "a@b.fr", ""),
    "streets": ("", "1 rue A", ""),
}
"""The start, filling and end of a brief; each brief holds contact data."""
FIELDS: dict[str, Any] = {
    "topics": [f"unknown-{k}" for k in range(20_000)],
    "languages": ["fr"] * 100_000,
    "excluded_mentors": ["m"] * 100_000,
    "excluded_schools": ["a"] * 100_000,
    "window": "P" + "1" * 200_000 + "D",
    "budget": {"amount": 1, "currency": "E" * 500_000},
    "title": "\u0301\u0316" * 100_000,
}


@pytest.fixture(scope="module")
def posting(system: Running) -> Person:
    """A client with many products that share a prefix."""
    return client(system.url, ORGANISATION | {"products": PRODUCTS})


def answer(person: Person, method: str, path: str, body: Any, **headers: str) -> tuple[int, str]:
    """Status and problem type of the response; the test fails on a timeout."""
    found = person.http.request(method, path, json=body, headers=headers, timeout=httpx.Timeout(PATIENCE_S))
    kind = found.headers.get("content-type", "")
    return found.status_code, str(found.json()["type"]).rpartition(":")[2] if kind == "application/problem+json" else ""


@pytest.mark.parametrize("kind", BRIEFS)
def test_costly_brief_is_refused_for_its_contact_data(posting: Person, kind: str) -> None:
    start, piece, end = BRIEFS[kind]
    brief = start + (piece * LONGEST)[: LONGEST - len(start + end)] + end
    assert answer(posting, "POST", "/api/projects", POSTING | {"brief": brief}) == (422, "identity-leak")


def test_brief_of_letters_that_products_share_is_posted(posting: Person) -> None:
    brief = ("a a  " * LONGEST)[: LONGEST - 2]
    assert answer(posting, "POST", "/api/projects", POSTING | {"brief": brief}) == (201, "")


@pytest.mark.parametrize("field", FIELDS)
def test_costly_field_is_refused_by_its_bound(posting: Person, field: str) -> None:
    body = POSTING | {"brief": BRIEF, field: FIELDS[field]}
    assert answer(posting, "POST", "/api/projects", body) == (422, "invalid")


def test_body_of_a_hundred_thousand_members_is_refused(posting: Person) -> None:
    body: dict[str, Any] = {"kinds": {f"k{k}": {} for k in range(60_000)}}
    assert answer(posting, "PUT", "/api/notifications/preferences", body) == (400, "malformed")


def test_body_over_a_mebibyte_is_refused(posting: Person) -> None:
    assert answer(posting, "POST", "/api/projects", {"brief": "a" * 1_100_000}) == (413, "too-large")


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("If-Match", '"a' + " " * 40_000 + 'b"', 412),
        ("If-Match", '"a",' * 8_000 + '"b"', 412),
        ("Accept-Language", "a-" * 20_000, 200),
        ("Accept-Language", "x;q=0.1," * 5_000, 200),
        ("Idempotency-Key", "k" * 50_000, 422),
        ("Authorization", "Bearer " + "a." * 20_000, 401),
    ],
)
def test_costly_header_is_answered(system: Running, name: str, value: str, status: int) -> None:
    person = mentor(system.url, "Ana", ["podcast"], paused=True)
    profile = person.get("/api/mentors/me").json()
    body = {key: kept for key, kept in profile.items() if key not in ("id", "verified_domain")}
    method, path = ("POST", "/api/projects/none/questions") if name == "Idempotency-Key" else ("PUT", "/api/mentors/me")
    sent: dict[str, Any] | None = {"text": "Quand ?"} if method == "POST" else body
    if name == "Accept-Language":
        method, path, sent = "GET", "/api/invitations", None
    assert answer(person, method, path, sent, **{name: value})[0] == status


@pytest.mark.parametrize("query", ["cursor=" + "W" * 40_000, "limit=" + "1" * 40_000, "query=" + "é" * 4_000])
def test_costly_query_is_refused(posting: Person, query: str) -> None:
    path = "/api/skills" if query.startswith("query") else "/api/projects"
    assert answer(posting, "GET", f"{path}?{query}", None) == (422, "invalid")
