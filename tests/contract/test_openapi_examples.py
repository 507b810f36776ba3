"""Every operation has examples that match the code's schemas and form one story."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator
from marshmallow import Schema, fields

from chassis.http.examples import NoExample, example_of
from chassis.http.openapi import PROBLEM_JSON, schemas_of
from contracts.story import BRIEF, CONTACT, NAMES, SOLUTION
from deploy.gateway.openapi import SERVICES, application, build
from stories import nestle_waters

Document = dict[str, Any]
TELLS = re.compile("nestl|helene|hélène|marchand|perrier|vittel|nwmt", re.IGNORECASE)
MAY_TELL = {
    "get /api/projects/{project_id}/client": "the reveal: to the client and the chosen mentor",
    "get /api/projects/{project_id}/order": "the order: to the same two",
    "get /api/projects/export": "what each of them already sees",
}
"""The operations that may show the client's identity to a mentor."""


@pytest.fixture(scope="module")
def document() -> Document:
    found: Document = json.loads(build()[0])
    return found


def resolve(document: Document, node: Document) -> Document:
    found: Any = document
    for name in node["$ref"].split("/")[1:] if "$ref" in node else ():
        found = found[name]
    return dict(found) if "$ref" in node else node


def operations(document: Document) -> Iterator[tuple[str, Document]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield f"{method} {path}", operation


def contents(document: Document, operation: Document) -> Iterator[Document]:
    """The contents of the body and the successful responses: schema and example."""
    yield from operation.get("requestBody", {}).get("content", {}).values()
    for status, answer in operation["responses"].items():
        if status.startswith("2"):
            yield from resolve(document, answer).get("content", {}).values()


def without_examples(document: Document) -> set[str]:
    return {
        place
        for place, operation in operations(document)
        if any("example" not in content for content in contents(document, operation))
    }


def faults(document: Document, schema: Document, value: Any) -> list[str]:
    """The errors that JSON Schema reports for a value."""
    whole = {**schema, "components": document["components"]}
    return [error.message for error in Draft202012Validator(whole).iter_errors(value)]


def test_every_body_and_response_has_an_example(document: Document) -> None:
    assert without_examples(document) == set()
    planted = json.loads(json.dumps(document))
    del planted["paths"]["/api/quotes"]["post"]["requestBody"]["content"]["application/json"]["example"]
    assert without_examples(planted) == {"post /api/quotes"}


def test_every_example_matches_its_schema(document: Document) -> None:
    for place, operation in operations(document):
        for content in contents(document, operation):
            assert faults(document, content["schema"], content["example"]) == [], place
    quote = document["paths"]["/api/quotes"]["post"]["requestBody"]["content"]["application/json"]
    assert faults(document, quote["schema"], quote["example"] | {"days": 0.7})


def views(app: Flask) -> Iterator[tuple[str, Any]]:
    for rule in app.url_map.iter_rules():
        path = re.sub("<(?:.*?:)?(.*?)>", r"{\1}", rule.rule)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            yield f"{method.lower()} {path}", app.view_functions[rule.endpoint]


@pytest.mark.parametrize("service", SERVICES)
def test_code_accepts_every_example_body(service: str, document: Document) -> None:
    taken = 0
    for place, view in views(application(service)):
        bodies, _ = schemas_of(view)
        method, path = place.split()
        if bodies and path in document["paths"]:
            content = document["paths"][path][method]["requestBody"]["content"]["application/json"]
            schema = bodies[0] if isinstance(bodies[0], Schema) else bodies[0]()
            assert schema.validate(content["example"]) == {}, place
            taken += 1
    with_body = [
        operation
        for item in document["paths"].values()
        for operation in item.values()
        if operation["tags"] == [service] and "requestBody" in operation
    ]
    assert taken == len(with_body)


def test_every_documented_problem_has_an_example(document: Document) -> None:
    for place, operation in operations(document):
        for status, answer in operation["responses"].items():
            if status.startswith("2") or status == "304":
                continue
            whole = resolve(document, answer)
            named = whole["content"][PROBLEM_JSON]["examples"]
            said = set(re.findall("`([a-z-]+)`", answer.get("description", "")))
            assert said - {"If-Match"} <= named.keys(), place
            for example in named.values():
                value = resolve(document, example)["value"]
                assert faults(document, {"$ref": "#/components/schemas/Problem"}, value) == [], place
                assert status in ("default", str(value["status"])), place


def test_no_example_reveals_the_client_to_a_mentor(document: Document) -> None:
    told = set()
    for place, operation in operations(document):
        roles = operation.get("x-roles", [])
        if place.startswith("get ") or "mentor" in roles:
            seen_by_mentors = not roles or "mentor" in roles
            text = json.dumps([content["example"] for content in contents(document, operation)], ensure_ascii=False)
            if seen_by_mentors and TELLS.search(text):
                told.add(place)
    assert told == set(MAY_TELL)


def test_examples_match_the_story_of_the_demo(document: Document) -> None:
    organisation = document["paths"]["/api/organisations/me"]["put"]["requestBody"]["content"]["application/json"]
    told = {name: organisation["example"][name] for name in nestle_waters.ORGANISATION}
    assert told == nestle_waters.ORGANISATION
    assert nestle_waters.ORGANISATION["contact"] == CONTACT
    assert (BRIEF, SOLUTION) == (nestle_waters.BRIEF, nestle_waters.SOLUTION)
    [leak] = NAMES["leaks"]
    assert nestle_waters.LEAKY[leak["start"] : leak["end"]] == leak["text"]


def test_field_without_an_example_is_named() -> None:
    class Lamp(Schema):
        colour = fields.String()

    with pytest.raises(NoExample, match=r"Lamp\.colour"):
        example_of(Lamp, {})
    assert example_of(Lamp, {"colour": "red"}) == {"colour": "red"}
    assert example_of(Lamp, {"colour": "red"}, {"colour": ...}) == {}
