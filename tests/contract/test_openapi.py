"""The API's document is current, valid and complete for every route."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from openapi_spec_validator import OpenAPIV31SpecValidator

from chassis.facts import Refusal
from chassis.http import letters, problems
from chassis.http.openapi import PROBLEM_JSON
from chassis.http.problems import TITLES
from chassis.http.proofs import REFUSED, Proof
from chassis.http.said import refuses
from contracts.parts import part_of
from deploy.gateway import documents
from deploy.gateway.openapi import SERVICES, build, join
from tests.kit.openapi import resolve

PUBLIC = {
    "get /.well-known/jwks.json", "get /.well-known/receipts-jwks.json", "get /.well-known/programmes-jwks.json",
    "get /api/docs", "get /api/openapi.json", "get /healthz",
    "post /api/accounts", "post /api/sessions", "post /api/sessions/refresh",
    "post /api/accounts/verification", "post /api/accounts/verification/{}",
    "post /api/accounts/password-reset", "post /api/accounts/password-reset/{}", "post /api/accounts/erasure-stop/{}",
    "post /api/accounts/email/confirmation/{}", "post /api/accounts/email/undo/{}",
    "post /api/notifications/unsubscribe/{}",
    "post /api/programmes/passes", "post /api/programmes/passes/renewal", "post /api/programmes/joins",
}  # fmt: skip
SIGNED_IN = {
    "get /api/accounts/export", "get /api/accounts/me", "patch /api/accounts/me",
    "post /api/accounts/me/erasure", "delete /api/accounts/me/erasure", "get /api/operations/accounts/erasures",
    "get /api/operations/accounts",
    "delete /api/sessions/current",
    "put /api/accounts/me/email", "delete /api/sessions/others",
    "get /api/sessions", "delete /api/sessions/{}", "put /api/accounts/me/password", "get /api/operations/audit",
    *(f"get /api/operations/{name}/audit" for name in ("projects", "matching", "quotes", "programmes", "notify")),
    "post /api/operations/accounts/{}/suspension", "delete /api/operations/accounts/{}/suspension",
    "get /api/operations/factor", "post /api/operations/factor", "delete /api/operations/factor",
    "post /api/operations/factor/confirmation", "post /api/operations/factor/recovery-codes",
    "delete /api/operations/accounts/{}/factor", "post /api/sessions/current/step-up",
    "get /api/operations/rounds", "get /api/operations/rounds/flags", "get /api/operations/projects",
    "get /api/operations/deliveries", "get /api/operations/matching/unlikely", "get /api/mentors/chance",
    "get /api/mentors/exposure",
    "get /api/operations/matching/decisions/{}", "post /api/operations/matching/rounds/{}/invitations",
    "post /api/operations/matching/rounds/{}/left-out",
    *(
        place.format(f"/api/operations/{name}")
        for name in ("accounts", "projects", "matching", "quotes", "programmes", "notify")
        for place in ("get {}/dead-letters", "get {}/dead-letters/{{}}", "post {}/dead-letters/{{}}/replay",
                      "post {}/dead-letters/{{}}/drop", "get {}/events")
    ),
    "get /api/operations/reports/{}", "get /api/operations/projects/{}",
    "get /api/operations/reports", "post /api/operations/reports/{}/resolution", "post /api/projects/{}/reports",
    "get /api/organisations/me", "put /api/organisations/me", "get /api/organisations/sectors",
    "get /api/projects", "post /api/projects", "get /api/projects/{}", "get /api/projects/export",
    "post /api/projects/preview",
    "post /api/projects/{}/cancellation", "post /api/projects/{}/refusal", "post /api/projects/{}/acceptance",
    "get /api/projects/{}/client", "post /api/projects/{}/relaunch", "post /api/projects/{}/completion",
    "post /api/projects/{}/questions", "get /api/projects/{}/questions", "post /api/projects/{}/questions/{}/answer",
    "get /api/projects/billing/me", "put /api/projects/billing/me",
    "get /api/projects/{}/order", "get /api/projects/{}/order.pdf",
    "get /api/mentors/me", "put /api/mentors/me", "get /api/mentors", "get /api/mentors/export", "get /api/skills",
    "get /api/organisations/me/members", "post /api/organisations/me/invitations",
    "get /api/organisations/me/invitations", "delete /api/organisations/me/invitations/{}",
    "put /api/organisations/me/members/me",
    "post /api/organisations/invitations/{}", "put /api/organisations/me/members/{}",
    "delete /api/organisations/me/members/{}", "get /api/quotes/export",
    "get /api/invitations", "get /api/invitations/{}", "post /api/invitations/{}/decline",
    "get /api/rounds", "get /api/rounds/{}", "post /api/rounds/{}/claim",
    "post /api/rounds/{}/extension",
    "put /api/rounds/{}/draft", "get /api/rounds/{}/draft", "delete /api/rounds/{}/draft", "get /api/quotes/mine",
    "get /api/quotes", "post /api/quotes", "patch /api/quotes/{}", "delete /api/quotes/{}",
    "get /api/notifications/unread", "get /api/notifications/{}", "post /api/notifications/read",
    "get /api/notifications", "post /api/notifications/{}/read", "get /api/notifications/stream",
    "get /api/notifications/export", "get /api/notifications/preferences", "put /api/notifications/preferences",
    "get /api/programmes", "post /api/programmes", "get /api/programmes/{}", "patch /api/programmes/{}",
    "post /api/programmes/organisers", "get /api/programmes/goals",
    "post /api/programmes/{}/organisers", "get /api/programmes/{}/organisers",
    "delete /api/programmes/{}/organisers/{}",
    "post /api/programmes/{}/challenges", "get /api/programmes/{}/challenges",
    "get /api/programmes/{}/challenges/{}", "patch /api/programmes/{}/challenges/{}",
    "delete /api/programmes/{}/challenges/{}", "get /api/programmes/{}/teams",
    "put /api/programmes/{}/teams/{}/members/{}",
    "post /api/programmes/{}/challenges/{}/contributions", "delete /api/programmes/{}/challenges/{}/contributions/{}",
    "get /api/programmes/{}/challenges/{}/contributions/{}/picture", "get /api/programmes/{}/challenges/{}/board",
    "post /api/programmes/{}/copy", "get /api/programmes/{}/progress",
    "get /api/programmes/{}/files/{}.csv", "get /api/programmes/export", "get /api/programmes/{}/export",
    "post /api/programmes/{}/erasure",
    "post /api/programmes/{}/proposal", "get /api/programmes/{}/proposal", "post /api/programmes/{}/publication",
    "get /api/programmes/{}/pairs", "put /api/programmes/{}/pairs/{}/{}", "post /api/programmes/{}/pairs/{}/{}/answer",
    "post /api/programmes/{}/leaving", "post /api/programmes/{}/closing",
    "post /api/programmes/{}/pairs/{}/{}/sessions", "get /api/programmes/{}/pairs/{}/{}/sessions",
    "post /api/programmes/{}/pairs/{}/{}/end", "get /api/programmes/{}/pairs/{}/{}/agendas",
    "get /api/programmes/{}/sessions", "patch /api/programmes/{}/sessions/{}",
    "get /api/programmes/{}/sessions/{}/calendar", "get /api/programmes/{}/assessment",
    "get /api/programmes/{}/assessment/mine", "put /api/programmes/{}/assessment/{}",
    "get /api/programmes/{}/participants", "post /api/programmes/{}/participants",
    "get /api/programmes/{}/participants/{}", "patch /api/programmes/{}/participants/{}",
    "delete /api/programmes/{}/participants/{}", "get /api/programmes/{}/me", "patch /api/programmes/{}/me",
    "post /api/programmes/{}/agreement", "post /api/programmes/{}/objection",
    "get /api/programmes/{}/links", "post /api/programmes/{}/links", "delete /api/programmes/{}/links/{}",
}  # fmt: skip
"""The pinned routes that are built; an added or removed route must be changed here too."""

KEYLESS = {
    "post /api/sessions/current/step-up", "post /api/operations/factor", "post /api/operations/factor/confirmation",
    "post /api/operations/factor/recovery-codes",
}  # fmt: skip
"""Their answers hold secrets, which must not be stored for a repeated request."""

Document = dict[str, Any]


def bare(place: str) -> str:
    """The operation without the names of its path parameters."""
    return re.sub(r"{.*?}", "{}", place)


@pytest.fixture(scope="module")
def built() -> tuple[str, str]:
    return build()


@pytest.fixture(scope="module")
def document(built: tuple[str, str]) -> Document:
    found: Document = json.loads(built[0])
    return found


def operations(document: Document) -> Iterator[tuple[str, Document]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield f"{method} {path}", operation


def test_served_document_and_page_are_current(built: tuple[str, str]) -> None:
    folder = documents.built()
    assert documents.is_current()
    for text, name in zip(built, ("openapi.json", "docs.html"), strict=True):
        assert text == (folder / name).read_text(encoding="utf-8")


def test_changed_source_makes_document_and_page_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = {name: tmp_path / name for name in ("openapi.json", "docs.html", "sources.sha256")}
    for constant, name in (("DOCUMENT", "openapi.json"), ("PAGE", "docs.html"), ("STAMP", "sources.sha256")):
        monkeypatch.setattr(documents, constant, made[name])
    monkeypatch.setattr(documents, "FOLDER", tmp_path)
    monkeypatch.setattr(documents, "ROOT", tmp_path)
    monkeypatch.setattr(documents, "SOURCES", ("source.py",))
    source = tmp_path / "source.py"
    source.write_text("before")
    assert not documents.is_current()
    documents.write("{}", "<html>")
    assert documents.is_current()
    source.write_text("after")
    assert not documents.is_current()


def test_openapi_build_is_reproducible_under_any_settings(built: tuple[str, str], root: Path) -> None:
    script = "import sys; from deploy.gateway.openapi import build; sys.stdout.buffer.write(''.join(build()).encode())"
    foreign = {**os.environ, "PYTHONHASHSEED": "7", "LC_ALL": "C", "TZ": "Asia/Tokyo", "RELEVE_WINDOW_MIN": "nonsense"}
    again = subprocess.run([sys.executable, "-c", script], cwd=root, env=foreign, capture_output=True, check=True)
    assert again.stdout.decode() == "".join(built)


def test_the_document_is_valid_openapi(document: Document) -> None:
    assert document["openapi"].startswith("3.1.")
    assert [str(error) for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_routes_match_the_pinned_list(document: Document) -> None:
    assert {bare(place) for place, _ in operations(document)} == PUBLIC | SIGNED_IN


def test_operations_state_whether_they_need_a_token(document: Document) -> None:
    for place, operation in operations(document):
        public = bare(place) in PUBLIC
        assert operation["security"] == ([] if public else [{"bearer": []}]), place
        assert ("x-roles" in operation) != public, place
        assert public or "401" in operation["responses"], place
        suspended = "`suspended`" in operation["responses"].get("403", {}).get("description", "")
        assert ("403" in operation["responses"]) == (bool(operation.get("x-roles")) or suspended), place
    assert document["paths"]["/api/quotes"]["post"]["x-roles"] == ["mentor"]
    assert document["paths"]["/api/projects"]["post"]["description"] == "For: client."


def test_every_operation_has_id_summary_response_and_service(document: Document) -> None:
    ids = [operation["operationId"] for _, operation in operations(document)]
    assert len(ids) == len(set(ids))
    for place, operation in operations(document):
        assert operation["summary"], place
        assert operation["description"], place
        assert operation["tags"][0] in {*SERVICES, "gateway"}, place
        assert [status for status in operation["responses"] if status.startswith("2")], place


def test_every_problem_has_the_common_schema(document: Document) -> None:
    for place, operation in operations(document):
        answers = operation["responses"].items()
        problems = {status: answer for status, answer in answers if not status.startswith("2") and status != "304"}
        always = {"429", "default"} | (set() if operation["tags"] == ["gateway"] else {"503"})
        body = {"400", "413", "415", "422"} if "requestBody" in operation else set()
        assert always | body <= problems.keys(), place
        for status, answer in problems.items():
            whole = resolve(document, answer)
            assert list(whole["content"]) == [PROBLEM_JSON], place
            assert whole["content"][PROBLEM_JSON]["schema"] == {"$ref": "#/components/schemas/Problem"}, place
            assert ("Retry-After" in whole.get("headers", ())) == (status in ("429", "503")), place


def test_only_authenticated_posts_take_an_idempotency_key(document: Document) -> None:
    for place, operation in operations(document):
        names = {resolve(document, parameter)["name"] for parameter in operation.get("parameters", ())}
        keyed = place.startswith("post ") and bare(place) not in PUBLIC | KEYLESS
        assert ("Idempotency-Key" in names) == keyed, place


def test_etag_and_if_match_are_documented_where_supported(document: Document) -> None:
    takes = {place for place, operation in operations(document) if "412" in operation["responses"]}
    shows = {place for place, operation in operations(document)
             if any("ETag" in answer.get("headers", ()) for answer in operation["responses"].values())}  # fmt: skip
    assert takes >= {"patch /api/accounts/me", "put /api/mentors/me", "put /api/organisations/me",
                     "patch /api/quotes/{quote_id}", "delete /api/quotes/{quote_id}"}  # fmt: skip
    assert shows >= {"get /api/accounts/me", "get /api/mentors/me", "get /api/organisations/me",
                     "get /api/projects/{project_id}", "patch /api/quotes/{quote_id}"}  # fmt: skip
    assert not {place for place in takes if place.startswith("get ")}


def test_conditional_reads_are_documented(document: Document) -> None:
    found = {place for place, operation in operations(document) if "304" in operation["responses"]}
    assert found == {"get /api/rounds", "get /api/rounds/{project_id}"}
    for place in found:
        _, _, path = place.partition(" ")
        operation = document["paths"][path]["get"]
        names = {resolve(document, parameter)["name"] for parameter in operation["parameters"]}
        assert "If-None-Match" in names
        assert all("ETag" in operation["responses"][status]["headers"] for status in ("200", "304"))


def test_every_field_has_a_type_and_no_local_values(document: Document) -> None:
    def check(schema: Any, place: str) -> None:
        if isinstance(schema, dict):
            assert schema.keys() & {"type", "$ref", "anyOf"}, f"{place}: state its type in deploy.gateway.openapi.KINDS"
            assert len(schema.get("enum", ())) < 100, place
            for name, below in schema.get("properties", {}).items():
                check(below, f"{place}.{name}")
            check(schema.get("items"), f"{place}[]")

    for name, schema in document["components"]["schemas"].items():
        check(schema, name)


def test_request_schemas_are_closed_and_responses_open(document: Document) -> None:
    schemas = document["components"]["schemas"]
    assert schemas["QuoteBody"]["additionalProperties"] is False
    assert schemas["Price"]["additionalProperties"] is False
    assert "additionalProperties" not in schemas["Project"]


def refused(document: Document, service: str) -> set[str]:
    """The refusals that the document names for a service, without those common to all services."""
    answers = (
        answer["description"]
        for _, operation in operations(document)
        if operation["tags"] == [service]
        for status, answer in operation["responses"].items()
        if not status.startswith("2") and "description" in answer
    )
    names = {name for text in answers for name in re.findall("`([a-z-]+)`", text)}
    return {name for name in names if name not in TITLES and not name.startswith("idempotency-")}


def known(*places: Path) -> set[str]:
    """The refusals that the code in these folders and files can raise, without those common to all services."""
    files = [file for place in places for file in (place.rglob("*.py") if place.is_dir() else [place])]
    code = "".join(file.read_text() for file in files)
    return set(re.findall(r'Refusal\(\s*"([a-z-]+)"', code)) - TITLES.keys()


@pytest.mark.parametrize("service", SERVICES)
def test_refusals_of_the_code_are_documented(service: str, document: Document, root: Path) -> None:
    unnamed = known(root / part_of(service).folder) - refused(document, service)
    assert unnamed == set(), f"name these in @refuses(…) on every view of {service} that can answer them"


def test_api_page_names_every_problem_and_those_that_are_no_409(document: Document, root: Path) -> None:
    page = (root / "docs/api.md").read_text()
    table = dict(re.findall(r"^\| (\d{3})(?:, \d{3})* \| (.*?) \|", page, re.MULTILINE))
    for name in set().union(*(refused(document, service) for service in SERVICES)):
        status = problems.STATUS.get(name, 409)
        assert f"`{name}`" in page, f"docs/api.md does not mention {name}"
        assert status == 409 or f"`{name}`" in table[str(status)], f"docs/api.md: {name} belongs to the row of {status}"


@pytest.mark.parametrize("service", SERVICES)
def test_decorators_name_only_refusals_of_the_code(service: str, document: Document, root: Path) -> None:
    everybodys = set(REFUSED[Proof.RECENT])  # `signed_in` refuses these
    shared = Path(letters.__file__)
    assert refused(document, service) - known(root / part_of(service).folder, shared) - everybodys == set()


def test_planted_refusal_in_a_decorator_is_found(document: Document, root: Path) -> None:
    planted: Document = json.loads(json.dumps(document))
    planted["paths"]["/api/quotes"]["post"]["responses"]["409"]["description"] += " `windows-ended`"
    assert "windows-ended" in refused(planted, "quotes") - known(root / "services" / "quotes")


def test_undocumented_refusal_of_a_route_is_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    app, logged = Flask("lamps"), []
    problems.answer_errors(app)
    monkeypatch.setattr(problems.telemetry, "log", SimpleNamespace(error=lambda event, **_: logged.append(event)))

    @app.post("/named")
    @refuses("round-full")
    def named() -> str:
        raise Refusal("round-full")

    @app.post("/unnamed")
    @refuses("window-ended")
    def unnamed() -> str:
        raise Refusal("round-full")

    assert app.test_client().post("/named").status_code == 409
    assert logged == []
    assert app.test_client().post("/unnamed").status_code == 409
    assert logged == [problems.UNNAMED]


def one(kind: str, path: str) -> Document:
    """A document with one path and three schemas; the innermost has type `kind`."""
    inner = {"type": "object", "properties": {"value": {"type": kind}}}
    outer = {"type": "object", "properties": {"inner": {"$ref": "#/components/schemas/Inner"}}}
    schemas = {"Inner": inner, "Outer": outer, "Same": {"type": "object"}}
    return {"paths": {path: {"$ref": "#/components/schemas/Outer"}}, "components": {"schemas": schemas}}


def test_differing_schemas_of_one_name_are_renamed_with_references() -> None:
    joined = join({"left": one("string", "/left"), "right": one("integer", "/right")})
    schemas = joined["components"]["schemas"]
    assert schemas.keys() == {"LeftInner", "LeftOuter", "RightInner", "RightOuter", "Same"}
    assert schemas["RightOuter"]["properties"]["inner"] == {"$ref": "#/components/schemas/RightInner"}
    assert joined["paths"]["/left"] == {"$ref": "#/components/schemas/LeftOuter"}
    alike = join({"left": one("string", "/left"), "right": one("string", "/right")})
    assert alike["components"]["schemas"].keys() == {"Inner", "Outer", "Same"}


def test_path_of_two_services_is_refused() -> None:
    with pytest.raises(ValueError, match="/same"):
        join({"left": one("string", "/same"), "right": one("string", "/same")})


def test_page_shows_every_route_and_loads_nothing(built: tuple[str, str], document: Document) -> None:
    html = built[1]
    for place, operation in operations(document):
        assert html.count(f'<h3 id="{operation["operationId"]}">') == 1, place
        assert f"</span>{place.split()[1]}</a>" in html, place
    loads = r"<script|<link rel=.stylesheet|@import|https?:|src="
    examples = re.findall(r"<pre><code>(.*?)</code></pre>", html, re.DOTALL)
    assert examples
    assert [text for text in examples if "<" in text] == [], "a URL in an example must load nothing"
    assert not re.search(loads, re.sub(r"<pre><code>.*?</code></pre>", "", html, flags=re.DOTALL))
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= set(ids)
