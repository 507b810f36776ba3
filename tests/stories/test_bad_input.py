"""Bad input of every kind on every documented route: the documented refusal, and nothing is stored."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from chassis.mongo import connect
from chassis.places import collections_of, rows_of
from contracts.topics import SERVICES
from deploy.gateway import documents
from stories.nestle_waters import ORGANISATION
from stories.people import Person, about, client, mentor, pause
from tests.kit.waiting import until
from tests.stories.conftest import make_operator
from tests.stories.running import Running

DOCUMENT = json.loads((documents.built() / "openapi.json").read_text())
METHODS = ("get", "post", "put", "patch", "delete")
PASSING = {"outbox", "inbox", "leases", "attempts", "guesses", "mail_counts", "idempotency", "decoys"} | {
    "deliveries",
    "people",
    "notifications",
    "tallies",
    "exposure",
    "portraits",
}
"""Collections that change on their own or count attempts; refused input must not change any other."""
ANY_TEXT = {
    "/api/sessions": 401,
    "/api/accounts/me/password": 401,
    "/api/accounts/me/erasure": 401,
    "/api/sessions/refresh": 401,
    "/api/accounts/password-reset": 202,
    "/api/accounts/password-reset/{token}": 404,
    "/api/accounts/verification": 202,
    "/api/accounts/verification/{token}": 404,
    "/api/sessions/current/step-up": 409,
    "/api/rounds/{project_id}/draft": 404,
}
"""Routes that accept any text; an impossible value is refused like an unknown one."""
MIB = 1024 * 1024
BODIES: dict[str, tuple[bytes, int, str]] = {
    "no body": (b"", 400, "malformed"),
    "half an object": (b'{"title": ', 400, "malformed"),
    "a list": (b"[]", 400, "malformed"),
    "a number": (b"7", 400, "malformed"),
    "null": (b"null", 400, "malformed"),
    "a key twice": (b'{"a": 1, "a": 2}', 400, "malformed"),
    "NaN": (b'{"a": NaN}', 400, "malformed"),
    "invalid UTF-8": (b'{"a": "\xff\xfe"}', 400, "malformed"),
    "an unpaired surrogate": (b'{"a": "\\udc00"}', 400, "malformed"),
    "brackets without end": (b"[" * 50_000, 400, "malformed"),
    "an unknown field": (b'{"no_such_field": 1}', 422, "invalid"),
    "an operator as key": (b'{"$where": "sleep(1000)"}', 422, "invalid"),
    "two mebibytes": (b'{"a": "' + b"a" * (2 * MIB) + b'"}', 413, "too-large"),
}
VALUES: dict[str, Any] = {
    "an operator": {"$gt": ""},
    "a list of operators": [{"$ne": None}],
    "a huge integer": 10**30,
    "a negative number": -1,
    "a NUL character": "\x00",
    "a very long text": "a" * 30_000,
    "null": None,
}
BOOLEANS: tuple[Any, ...] = (0, 1, "true", "no", "off", "", None, [], {})
NUMBERS = ("1_0", "%D9%A5", "%2B5", "5.0", "0x5", "+5", "%205", "")
BRIEF_OF = {"title": "T", **about(["crm"]), "languages": ["fr"]}
WRONG_TYPES = [
    *[("client", "POST", "/api/projects", BRIEF_OF | {name: value}, name)
      for name in ("close_early", "auto_extend", "redact") for value in BOOLEANS],
    *[("mentor", "PUT", "/api/mentors/me", {"paused": value}, "paused") for value in BOOLEANS],
    *[("mentor", "PUT", "/api/notifications/preferences", {kind: {channel: value}}, kind)
      for kind, channel in (("invited", "email"), ("digest", "on")) for value in BOOLEANS],
    *[("mentor", "PUT", "/api/notifications/preferences",
       {"quiet_hours": {"start": value, "end": "07:00"}}, "quiet_hours")
      for value in ("0٨:00", "٠٨:٠٠", "8:00", "24:00", "08:60", "08:00\n", "08:00:00", "-1:00", 8, None)],
]  # fmt: skip
"""Role, method, path, body, and the field to be named; each value was once accepted despite its wrong type."""
BILLING = {
    "legal_name": "Noé Blanc",
    "address": {"street": "3 rue des Lilas", "postal_code": "69003", "city": "Lyon", "country": "FR"},
    "siren": "912345678",
    "vat_number": "FR32912345678",
    "vat_regime": "standard",
}
PUBLIC_FILES = ("/api/docs", "/api/openapi.json", "/.well-known/", "/healthz", "/api/skills")
"""Responses that are the same for every caller and may be cached."""
ENDS_SESSIONS = {("POST", "/api/accounts/me/erasure"), ("DELETE", "/api/sessions/current")}


def operations(*, with_body: bool) -> list[tuple[str, str]]:
    found = []
    for path, item in DOCUMENT["paths"].items():
        for method in METHODS:
            if method in item and ("requestBody" in item[method]) == with_body:
                found.append((method.upper(), path))
    return found


def schema_of(method: str, path: str) -> dict[str, Any]:
    schema: dict[str, Any] = DOCUMENT["paths"][path][method.lower()]["requestBody"]["content"]["application/json"][
        "schema"
    ]
    while "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    return schema


def needs_body(method: str, path: str) -> bool:
    return bool(schema_of(method, path).get("required"))


def properties(method: str, path: str) -> dict[str, Any]:
    found: dict[str, Any] = schema_of(method, path).get("properties", {})
    return found


class Market:
    """A person of each role, and a project of the client to which the mentor is not invited."""

    def __init__(self, system: Running) -> None:
        self.system = system
        self.client = client(system.url, ORGANISATION)
        self.other = client(system.url, ORGANISATION)
        self.mentor = mentor(system.url, "Ana", ["podcast"], paused=True)
        self.operator = make_operator(system)
        body = {"title": "Balado", **about(["podcast"]), "languages": ["fr"], "window": "PT1H"}
        self.project_id = self.other.post("/api/projects", body).json()["id"]

    def person(self, method: str, path: str) -> Person:
        """A person who may call this route."""
        said = DOCUMENT["paths"][path][method.lower()].get("description", "")
        if "For: operator" in said:
            return self.operator
        return self.mentor if "For: mentor" in said else self.client

    def address(self, path: str) -> str:
        """The path with ids that belong to other people."""
        return re.sub(r"\{[^}]+\}", self.project_id, path)

    def holds(self, place: str, row_id: str) -> bool:
        """Whether the service has already stored this document."""
        service, _, collection = place.partition(".")
        database = connect(self.system.mongo_uri, f"releve_{service}", app="test")
        found = rows_of(database, collection).find_one({"_id": row_id})
        database.client.close()
        return found is not None

    def kept(self) -> dict[str, int]:
        """The number of documents, by service and collection."""
        found = {}
        for service in SERVICES:
            database = connect(self.system.mongo_uri, f"releve_{service}", app="test")
            for name in set(collections_of(database)) - PASSING:
                found[f"{service}.{name}"] = rows_of(database, name).count_documents({})
            database.client.close()
        return found


@pytest.fixture(scope="module")
def market(system: Running) -> Iterator[Market]:
    market = Market(system)
    followed = ("quotes.rounds", "matching.shortlists", "notify.projects")
    until(lambda: all(market.holds(place, market.project_id) for place in followed))
    until(lambda: market.kept().get("programmes.vault/keys"))  # drawn when the gateway first asks for them
    yield market
    market.operator.http.close()
    pause([market.mentor])


def problem(answer: Any) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text[:300]
    body = answer.json()
    assert body["status"] == answer.status_code
    assert body.keys() >= {"type", "title", "status", "detail"}
    assert "Traceback" not in answer.text
    return answer.status_code, body["type"].removeprefix("urn:releve:problem:")


def for_operators(path: str) -> bool:
    said = [item.get("description", "") for item in DOCUMENT["paths"][path].values() if isinstance(item, dict)]
    return path.startswith("/api/operations") or any("For: operator" in text for text in said)


@pytest.mark.parametrize("kind", BODIES)
def test_malformed_body_is_refused_everywhere_and_stored_nowhere(market: Market, kind: str) -> None:
    raw, status, name = BODIES[kind]
    before = market.kept()
    for method, path in operations(with_body=True):
        if for_operators(path) or (not raw and not needs_body(method, path)):
            continue
        person = market.person(method, path)
        answer = person.http.request(
            method, market.address(path), content=raw, headers={"Content-Type": "application/json"}
        )
        assert problem(answer) == (status, name), f"{method} {path}: {answer.text[:300]}"
    assert market.kept() == before


def test_non_json_content_type_is_415_everywhere(market: Market) -> None:
    for method, path in operations(with_body=True):
        if not for_operators(path):
            answer = market.person(method, path).http.request(method, market.address(path), content=b"a=b")
            assert problem(answer) == (415, "not-json"), f"{method} {path}"


@pytest.mark.parametrize("kind", VALUES)
def test_value_valid_for_no_field_is_422_and_stored_nowhere(market: Market, kind: str) -> None:
    before = market.kept()
    for method, path in operations(with_body=True):
        names = properties(method, path)
        if for_operators(path) or not names:
            continue
        if kind == "null" and path.endswith(("/decline", "/copy")):
            continue  # its only field may be null
        answer = market.person(method, path).call(method, market.address(path), dict.fromkeys(names, VALUES[kind]))
        if kind == "a NUL character" and path in ANY_TEXT:
            assert answer.status_code == ANY_TEXT[path]
            continue
        assert problem(answer) == (422, "invalid"), f"{method} {path}: {answer.text[:300]}"
        assert answer.json()["errors"], f"{method} {path} names no field"
    assert market.kept() == before


@pytest.mark.parametrize("shape", ["theirs", "%24gt", "..%2f..%2fetc", "a" * 2000, "é😀", "%00", "null"])
def test_foreign_or_malformed_id_is_404(market: Market, shape: str) -> None:
    for method, path in operations(with_body=False):
        if "{" not in path or for_operators(path):
            continue
        odd = market.address(path) if shape == "theirs" else re.sub(r"\{[^}]+\}", shape, path)
        answer = market.person(method, path).call(method, odd)
        expected = 400 if shape == "%00" else 404  # the gateway refuses NUL in a path
        assert problem(answer)[0] == expected, f"{method} {odd}: {answer.text[:200]}"


@pytest.mark.parametrize(
    "query", ["cursor=%24", "cursor=e30", "cursor=W251bGwsbnVsbF0", "limit=-1", "limit=1e9", "limit="]
)
def test_bad_cursor_or_limit_is_422_on_every_list(market: Market, query: str) -> None:
    lists = [
        path
        for method, path in operations(with_body=False)
        if method == "GET"
        and any(parameter.get("name") == "cursor" for parameter in DOCUMENT["paths"][path]["get"].get("parameters", []))
    ]
    assert len(lists) >= 4
    for path in lists:
        if "{" in path or for_operators(path):
            continue
        answer = market.person("GET", path).get(f"{path}?{query}")
        assert problem(answer) == (422, "invalid"), f"{path}?{query}: {answer.text[:200]}"


@pytest.mark.parametrize("window", ["PT0S", "P100Y", "-PT1H", "PT1000000H", "P1M", "48h", "", "PT1H" * 200])
def test_window_of_zero_or_a_century_is_refused(market: Market, window: str) -> None:
    body = {"title": "T", **about(["crm"]), "languages": ["fr"], "window": window}
    assert problem(market.client.post("/api/projects", body)) == (422, "invalid")


def test_non_public_operation_without_a_token_is_401(market: Market) -> None:
    stranger = Person(market.system.url, "client", "Nobody")
    for with_body in (True, False):
        for method, path in operations(with_body=with_body):
            public = DOCUMENT["paths"][path][method.lower()].get("security") == []
            answer = stranger.call(method, market.address(path))
            if not public:
                assert problem(answer) == (401, "unauthenticated"), f"{method} {path}"
            else:
                assert answer.status_code != 401, f"{method} {path}"


@pytest.mark.parametrize(("who", "method", "path", "body", "field"), WRONG_TYPES)
def test_value_of_another_type_is_422_on_its_field(
    market: Market, who: str, method: str, path: str, body: dict[str, Any], field: str
) -> None:
    person = market.client if who == "client" else market.mentor
    rest = market.mentor.card if path == "/api/mentors/me" else {}
    answer = person.call(method, path, rest | body)
    assert problem(answer) == (422, "invalid"), answer.text[:300]
    assert field in json.dumps(answer.json()["errors"])


@pytest.mark.parametrize("limit", NUMBERS)
def test_limit_in_non_ascii_digits_is_422_on_every_list(market: Market, limit: str) -> None:
    for method, path in operations(with_body=False):
        names = {one.get("name") for one in DOCUMENT["paths"][path][method.lower()].get("parameters", [])}
        if method == "GET" and "limit" in names and "{" not in path and not for_operators(path):
            answer = market.person("GET", path).get(f"{path}?limit={limit}")
            assert problem(answer) == (422, "invalid"), f"{path}?limit={limit}: {answer.text[:200]}"


def test_responses_forbid_sniffing_and_caching_of_personal_data(market: Market, boss: Person) -> None:
    """Checks every documented operation, whatever its status."""
    answered = set()
    for method, path in [*operations(with_body=True), *operations(with_body=False)]:
        person = boss if for_operators(path) else market.person(method, path)
        if (method, path) in ENDS_SESSIONS:
            person = client(market.system.url, ORGANISATION)
        body: dict[str, Any] | None = {} if ("POST", path) == (method, path) or method in ("PUT", "PATCH") else None
        with person.http.stream(method, market.address(path), json=body) as answer:
            answered.add(answer.status_code)
            assert answer.headers.get("x-content-type-options") == "nosniff", f"{method} {path}: {answer.status_code}"
            if not path.startswith(PUBLIC_FILES):
                kept = answer.headers.get("cache-control")
                assert kept == "no-store", f"{method} {path}: {answer.status_code}, {kept}"
    assert {200, 404, 422} <= answered


@pytest.mark.parametrize(
    ("role", "path", "body"),
    [
        ("mentor", "/api/mentors/me", None),
        ("client", "/api/organisations/me", ORGANISATION),
        ("mentor", "/api/projects/billing/me", BILLING),
    ],
)
def test_if_match_star_requires_an_existing_representation(
    market: Market, role: str, path: str, body: dict[str, Any] | None
) -> None:
    """RFC 9110, section 13.1.1: 412 until there is a current representation."""
    person = Person(market.system.url, role, "Noé").join()
    given = body or market.mentor.card | {"paused": True}
    refused = person.call("PUT", path, given, **{"If-Match": "*"})
    assert problem(refused) == (412, "stale")
    assert person.get(path).status_code == 404
    assert person.call("PUT", path, given).status_code == 200
    assert person.call("PUT", path, given, **{"If-Match": "*"}).status_code == 200
