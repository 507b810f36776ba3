"""Errors of fields have codes, by which clients say them in their language."""

import ast
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest
from marshmallow import Schema, ValidationError, fields, validate

from chassis.facts import Coded, Refusal, wrong
from chassis.http.codes import CODES, coded
from chassis.http.problems import flatten, problem_body
from contracts.fields import HalfDays, Money, Skills, Text

ENROLLING = "services/programmes/model/enrolling"


class Body(Schema):
    title = Text(most=3, required=True)
    size = fields.String(validate=validate.OneOf(["small", "large"]))
    rating = fields.Integer(validate=validate.Range(1, 5))
    price = Money()
    days = HalfDays()
    topics = Skills(most=2)


def errors(**body: object) -> list[dict[str, object]]:
    with pytest.raises(ValidationError) as refused:
        Body().load(body)
    return list(flatten(refused.value.messages))


def test_library_messages_get_codes_and_params() -> None:
    found = {str(error["field"]): error for error in errors(size="huge", rating=6, odd=1)}
    assert (found["title"]["code"], found["title"]["params"]) == ("missing", {})
    assert (found["size"]["code"], found["size"]["params"]) == ("not-one-of", {"choices": "small, large"})
    assert (found["rating"]["code"], found["rating"]["params"]) == ("out-of-range", {"min": 1, "max": 5})
    assert found["odd"]["code"] == "unknown"
    (length,) = errors(title="long")
    assert (length["code"], length["params"]) == ("wrong-length", {"min": 1, "max": 3})


def test_own_messages_keep_codes_through_nesting() -> None:
    price = {"amount": 1.5, "currency": "euro"}
    found = {str(error["field"]): error for error in errors(title="a", price=price, days=0.3, topics=["crmm"])}
    assert found["price.amount"]["code"] == "not-whole"
    assert found["price.currency"]["code"] == "not-a-currency"
    assert found["days"]["code"] == "not-half-days"
    assert found["topics.0"]["code"] == "not-in-vocabulary"
    assert "crm" in found["topics.0"]["params"]["near"]  # type: ignore[index]


def test_every_message_of_the_library_is_recognised() -> None:
    known = [*fields.Field.default_error_messages.values(), *Schema._default_error_messages.values()]
    assert {str(message) for message in known if coded(message).code == "invalid"} == {"Invalid value."}


def test_refusals_kept_by_an_older_version_get_codes() -> None:
    body = problem_body(Refusal("invalid", errors=[{"field": "a", "message": "No."}]))
    assert body["errors"] == [wrong("a", "invalid", "No.")]


@cache
def calls(root: Path) -> Sequence[tuple[Path, ast.Call | ast.Dict]]:
    paths = [path for folder in ("chassis", "contracts", "services") for path in sorted((root / folder).rglob("*.py"))]
    nodes = ((path, node) for path in paths for node in ast.walk(ast.parse(path.read_text())))
    return [(path, node) for path, node in nodes if isinstance(node, (ast.Call, ast.Dict))]


def name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def test_no_error_is_written_without_a_code(root: Path) -> None:
    bare = []
    for path, node in calls(root):
        if isinstance(node, ast.Dict):
            names = {key.value for key in node.keys if isinstance(key, ast.Constant)}
            if {"field", "message"} <= names and "code" not in names:
                bare.append((path, node.lineno))
        if isinstance(node, ast.Call) and name_of(node) == "ValidationError":
            said = node.args[0]
            if isinstance(said, (ast.Constant, ast.JoinedStr)):
                bare.append((path, node.lineno))
        if isinstance(node, ast.Call) and name_of(node) in ("Regexp", "OneOf", "Length", "Range"):
            bare += [
                (path, node.lineno) for one in node.keywords if one.arg == "error" and name_of_value(one) != "Coded"
            ]
    assert bare == []


def name_of_value(keyword: ast.keyword) -> str:
    return name_of(keyword.value) if isinstance(keyword.value, ast.Call) else ""


def test_every_code_is_documented(root: Path) -> None:
    section = (root / "docs/api.md").read_text().partition("## Codes of fields")[2].partition("\n## ")[0]
    documented = set(re.findall(r"`([a-z][a-z-]+)`", section))
    used = set(CODES)
    for path, node in calls(root):
        if isinstance(node, ast.Call) and ENROLLING not in str(path):
            place = {"Coded": 0, "wrong": 1, "_invalid": 1, "_wrong": 1, "_bad_password": 1}.get(name_of(node), 9)
            code = node.args[place] if len(node.args) > place else None
            used |= {code.value} if isinstance(code, ast.Constant) and isinstance(code.value, str) else set()
    assert used - documented == set()


def test_a_coded_message_is_a_plain_text_to_people() -> None:
    message = Coded("too-long", "Over {max}.", max=3)
    assert message == "Over {max}."
    assert (message.format(max=3), message.format(max=3).code) == ("Over 3.", "too-long")
