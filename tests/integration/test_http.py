"""The chassis's promises about HTTP, on a small service of the test and a real database."""

import base64
import hashlib
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import bson
import pytest
from flask import Flask
from flask.testing import FlaskClient
from marshmallow import Schema, fields

from chassis.broker import Broker
from chassis.facts import Refusal
from chassis.http import commands
from chassis.http.app import create_app
from chassis.http.auth import Actor, signed_in, usable_keys
from chassis.http.commands import command
from chassis.http.etags import etag, if_match
from chassis.http.pages import PageQuery, page, page_of
from chassis.http.parsing import Blueprint
from chassis.http.problems import MOST_ERRORS
from chassis.http.problems import problem as answer_to
from chassis.ids import new_id
from chassis.mongo import Documents, connect, database_now
from chassis.settings import Settings
from chassis.unit import Unit, UnitOfWork
from contracts.events import CONTRACT
from contracts.fields import Text, WholeNumber
from tests.kit.tokens import KeyServer, Signer, symmetric

SIGNER, STRANGER = Signer("k1"), Signer("k1")


class LampBody(Schema):
    name = Text(most=20, required=True)
    watts = WholeNumber()


class LampSchema(Schema):
    id = fields.String()
    name = fields.String()


def lamps(work: UnitOfWork) -> Blueprint:
    routes = Blueprint("lamps", __name__)

    @routes.post("/lamps")
    @signed_in("client")
    @routes.arguments(LampBody)
    @routes.response(201, LampSchema)
    def hang(body: dict[str, Any], *, actor: Actor) -> dict[str, Any]:
        def effect(unit: Unit) -> dict[str, Any]:
            if body["name"] == "forbidden":
                raise Refusal("no-such-lamp", "This lamp may not hang.")
            if body["name"] == "verbose":
                raise Refusal("no-such-lamp", "This lamp may not hang.", extra={"why": "x" * 400_000})
            if body["name"] == "broken":
                raise ValueError("a secret")
            lamp = {"_id": new_id(), "name": body["name"], "version": 0, "created_at": unit.now}
            unit.put("lamps", lamp)
            return {"id": lamp["_id"], "name": lamp["name"]}

        return command(work, actor, effect)

    @routes.get("/lamps")
    @signed_in()
    @routes.arguments(PageQuery, location="query")
    @routes.response(200, page_of(LampSchema))
    def shown(query: dict[str, Any], *, actor: Actor) -> dict[str, Any]:
        return page(work.database.lamps, {}, query, lambda row: {"id": row["_id"], "name": row["name"]})

    @routes.put("/lamps/<lamp_id>")
    @signed_in("client")
    @routes.arguments(LampBody)
    @routes.response(200, LampSchema)
    def rename(body: dict[str, Any], lamp_id: str, *, actor: Actor) -> tuple[dict[str, Any], dict[str, str]]:
        def effect(unit: Unit) -> dict[str, Any]:
            lamp = unit.find("lamps", {"_id": lamp_id}) or {}
            if_match().check(lamp["version"])
            unit.put("lamps", {**lamp, "name": body["name"]})
            return {"id": lamp_id, "name": body["name"], "version": lamp["version"] + 1}

        lamp = command(work, actor, effect)
        return lamp, etag(lamp["version"])

    return routes


def token(role: str = "client", *, signer: Signer = SIGNER, **changes: Any) -> str:
    return signer.token("somebody", role, **changes)


@pytest.fixture(scope="module")
def jwks() -> Iterator[str]:
    """The keys of accounts, served on loopback."""
    with KeyServer(SIGNER) as server:
        yield f"{server.url}/"


def settings(mongo_uri: str, jwks_url: str) -> Settings:
    return Settings(
        service="lamps",
        mongo_uri=mongo_uri,
        database="lamps",
        broker=Broker("unused"),
        http_host="127.0.0.1",
        http_port=1,
        http_threads=1,
        jwks_url=jwks_url,
        second_factor=True,
        step_up_life=timedelta(minutes=5),
        horizon=timedelta(days=90),
        lease=timedelta(seconds=6),
        log_level="error",
    )


@pytest.fixture
def lamp_client(database: Documents, mongo_uri: str, jwks: str) -> FlaskClient:
    work = UnitOfWork(database, "lamps", CONTRACT)
    return create_app(settings(mongo_uri, jwks), database, [lamps(work)]).test_client()


def bearer(role: str = "client", **headers: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token(role)}", **headers}


def problem(answer: Any) -> tuple[int, str]:
    assert answer.content_type == "application/problem+json"
    body = answer.get_json(force=True)
    assert body["status"] == answer.status_code
    assert body.keys() >= {"type", "title", "status", "detail"}
    return answer.status_code, body["type"].removeprefix("urn:releve:problem:")


@pytest.mark.parametrize(
    ("raw", "status", "name"),
    [
        (b"", 400, "malformed"),
        (b"{", 400, "malformed"),
        (b"[]", 400, "malformed"),
        (b'"text"', 400, "malformed"),
        (b'{"name": "a", "name": "b"}', 400, "malformed"),
        (b'{"name": NaN}', 400, "malformed"),
        (b'{"name": "\xff"}', 400, "malformed"),
        (b'{"name": "\\ud800"}', 400, "malformed"),
        (b"[" * 100_000, 400, "malformed"),
        (b"{" + b",".join(b'"k%d": 1' % k for k in range(101)) + b"}", 400, "malformed"),
        (b'{"name": {' + b",".join(b'"k%d": 1' % k for k in range(80_000)) + b"}}", 400, "malformed"),
        (b'{"name": {"$gt": ""}}', 422, "invalid"),
        (b'{"$where": "1"}', 422, "invalid"),
        (b'{"name": "a", "colour": "red"}', 422, "invalid"),
        (b'{"name": "a", "watts": 1.0}', 422, "invalid"),
        (b'{"name": "a", "watts": true}', 422, "invalid"),
        (b'{"name": ""}', 422, "invalid"),
        (b'{"name": "a\\u0000b"}', 422, "invalid"),
        (b'{"name": null}', 422, "invalid"),
        (b"{}", 422, "invalid"),
        (b'{"name": "' + b"a" * (1024 * 1024) + b'"}', 413, "too-large"),
    ],
)
def test_invalid_bodies_are_refused_and_nothing_is_stored(
    lamp_client: FlaskClient, database: Documents, raw: bytes, status: int, name: str
) -> None:
    answer = lamp_client.post("/lamps", data=raw, headers=bearer(), content_type="application/json")
    assert problem(answer) == (status, name)
    assert database.lamps.count_documents({}) == 0


def test_each_invalid_field_is_named(lamp_client: FlaskClient) -> None:
    answer = lamp_client.post("/lamps", json={"watts": "many", "colour": 1}, headers=bearer())
    errors = answer.get_json(force=True)["errors"]
    assert sorted(error["field"] for error in errors) == ["colour", "name", "watts"]
    assert all(error["message"] for error in errors)


def test_answer_to_many_or_long_errors_stays_short(lamp_client: FlaskClient) -> None:
    answer = lamp_client.post("/lamps", json={"k" * 900_000: 1}, headers=bearer())
    assert problem(answer) == (422, "invalid")
    assert len(answer.data) < 1_000
    with lamp_client.application.test_request_context():
        many = answer_to(Refusal("invalid", errors=[{"field": f"texts.{k}", "message": "No."} for k in range(9_000)]))
    assert len(many.get_json(force=True)["errors"]) == MOST_ERRORS


def test_body_with_another_content_type_is_415(lamp_client: FlaskClient) -> None:
    answer = lamp_client.post("/lamps", data="name=a", headers=bearer(), content_type="text/plain")
    assert problem(answer) == (415, "not-json")


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Basic abc",
        "Bearer",
        "Bearer x.y.z",
        f"Bearer {token(signer=STRANGER)}",
        f"Bearer {token(exp=time.time() - 3600)}",
        f"Bearer {token(iss='somebody')}",
        f"Bearer {token(aud='other')}",
        f"Bearer {token(typ='JWT')}",
        f"Bearer {symmetric('secret' * 8, 'k1', sub='a')}",
    ],
)
def test_missing_or_invalid_token_is_401_before_the_body_is_parsed(
    lamp_client: FlaskClient, authorization: str
) -> None:
    answer = lamp_client.post("/lamps", data=b"{", headers={"Authorization": authorization})
    assert problem(answer) == (401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_another_role_is_403(lamp_client: FlaskClient) -> None:
    assert problem(lamp_client.post("/lamps", json={"name": "a"}, headers=bearer("mentor"))) == (403, "forbidden")


def test_without_the_keys_every_request_is_refused_with_503(database: Documents, mongo_uri: str) -> None:
    work = UnitOfWork(database, "lamps", CONTRACT)
    app = create_app(settings(mongo_uri, "http://127.0.0.1:9/"), database, [lamps(work)])
    answer = app.test_client().get("/lamps", headers=bearer())
    assert problem(answer) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0


def test_unreachable_database_is_503_and_a_failure_reveals_no_details(lamp_client: FlaskClient, jwks: str) -> None:
    uri = "mongodb://127.0.0.1:9/?replicaSet=rs0"
    away = connect(uri, "lamps", app="test", timeout_ms=200)
    app = create_app(settings(uri, jwks), away, [lamps(UnitOfWork(away, "lamps", CONTRACT))])
    answer = app.test_client().get("/lamps", headers=bearer())
    assert problem(answer) == (503, "unavailable")
    assert "Retry-After" in answer.headers
    assert app.test_client().get("/readyz").status_code == 503
    assert app.test_client().get("/healthz").status_code == 200
    away.client.close()
    failed = lamp_client.post("/lamps", json={"name": "broken"}, headers=bearer())
    assert problem(failed) == (500, "internal")
    assert "secret" not in failed.text


def test_unknown_paths_and_methods_are_answered_with_problems(lamp_client: FlaskClient) -> None:
    assert problem(lamp_client.get("/nothing")) == (404, "not-found")
    answer = lamp_client.delete("/lamps")
    assert problem(answer) == (405, "method-not-allowed")
    assert "POST" in answer.headers["Allow"]


def test_same_key_and_body_get_the_first_answer_again(lamp_client: FlaskClient, database: Documents) -> None:
    def hang(name: str, key: str = "k") -> Any:
        return lamp_client.post("/lamps", json={"name": name}, headers=bearer(**{"Idempotency-Key": key}))

    first = hang("a")
    assert (first.status_code, hang("a").json) == (201, first.json)
    assert problem(hang("b")) == (422, "idempotency-mismatch")
    assert hang("a", "another").json != first.json
    assert database.lamps.count_documents({}) == 2
    assert problem(hang("c", "k" * 256)) == (422, "invalid")
    refused = hang("forbidden", "r")
    assert problem(refused) == (409, "no-such-lamp")
    assert hang("forbidden", "r").json == refused.json
    assert problem(hang("a", "r")) == (422, "idempotency-mismatch")


def test_twenty_concurrent_requests_with_one_key_have_one_effect(lamp_client: FlaskClient, database: Documents) -> None:
    app = lamp_client.application

    def hang(_: int) -> tuple[int, str]:
        answer = app.test_client().post("/lamps", json={"name": "a"}, headers=bearer(**{"Idempotency-Key": "k"}))
        return answer.status_code, answer.get_json(force=True).get("id", "")

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(hang, range(20)))
    assert {status for status, _ in answers} <= {201, 409}
    assert len({lamp for status, lamp in answers if status == 201}) == 1
    assert database.lamps.count_documents({}) == database[commands.COLLECTION].count_documents({}) == 1


def test_stale_if_match_is_412_and_changes_nothing(lamp_client: FlaskClient, database: Documents) -> None:
    lamp = lamp_client.post("/lamps", json={"name": "a"}, headers=bearer()).json

    def rename(name: str, **headers: str) -> Any:
        assert lamp is not None
        return lamp_client.put(f"/lamps/{lamp['id']}", json={"name": name}, headers=bearer(**headers))

    assert rename("b", **{"If-Match": '"1"'}).headers["ETag"] == '"2"'
    assert problem(rename("c", **{"If-Match": '"1"'})) == (412, "stale")
    assert rename("d", **{"If-Match": "*"}).status_code == 200
    assert rename("e").status_code == 200
    assert [row["name"] for row in database.lamps.find()] == ["e"]


def test_pages_have_no_gap_or_repetition_while_rows_are_added(lamp_client: FlaskClient, database: Documents) -> None:
    now = database_now(database)
    database.lamps.insert_many([{"_id": f"{n:02}", "name": "old", "created_at": now} for n in range(7)])
    seen, path = [], "/lamps?limit=3"
    for _ in range(3):
        body = lamp_client.get(path, headers=bearer()).get_json()
        seen += [item["id"] for item in body["items"]]
        database.lamps.insert_one({"_id": new_id(), "name": "new", "created_at": now + timedelta(seconds=1)})
        path = f"/lamps?limit=3&cursor={body['next_cursor']}"
    assert seen == ["06", "05", "04", "03", "02", "01", "00"]
    assert body["next_cursor"] is None


BRACKETS = base64.urlsafe_b64encode(b"[" * 3_000).decode()
HALF_A_CHARACTER = base64.urlsafe_b64encode(b'[0,"\\ud800"]').decode()


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=201", "limit=x", "cursor=!", "cursor=", "cursor=bm8", f"cursor={BRACKETS.rstrip('=')}",
     f"cursor={HALF_A_CHARACTER.rstrip('=')}"],
)  # fmt: skip
def test_invalid_limit_or_cursor_is_422(lamp_client: FlaskClient, query: str) -> None:
    assert problem(lamp_client.get(f"/lamps?{query}", headers=bearer())) == (422, "invalid")


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "bEARER"])
def test_authorization_scheme_is_case_insensitive(lamp_client: FlaskClient, scheme: str) -> None:
    assert lamp_client.get("/lamps", headers={"Authorization": f"{scheme} {token()}"}).status_code == 200


def test_every_answer_forbids_content_sniffing_and_caching(lamp_client: FlaskClient) -> None:
    answers = [
        lamp_client.get("/lamps", headers=bearer()),
        lamp_client.post("/lamps", json={"name": "a"}, headers=bearer()),
        lamp_client.get("/lamps"),
        lamp_client.get("/nothing"),
        lamp_client.get("/healthz"),
    ]
    assert [answer.status_code for answer in answers] == [200, 201, 401, 404, 200]
    for answer in answers:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"


def test_large_refusal_is_answered_and_not_kept(lamp_client: FlaskClient, database: Documents) -> None:
    headers = bearer(**{"Idempotency-Key": "k"})
    for _ in range(2):
        answer = lamp_client.post("/lamps", json={"name": "verbose"}, headers=headers)
        assert problem(answer) == (409, "no-such-lamp")
        assert len(answer.get_json(force=True)["why"]) == 400_000
    assert database[commands.COLLECTION].count_documents({}) == 0
    assert problem(lamp_client.post("/lamps", json={"name": "forbidden"}, headers=headers)) == (409, "no-such-lamp")
    assert database[commands.COLLECTION].count_documents({}) == 1


def test_rows_of_one_account_are_bounded(
    lamp_client: FlaskClient, database: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "MOST_ROWS", 5)
    monkeypatch.setattr(commands, "_PRUNED_ONE_IN", 1)
    for number in range(12):
        headers = bearer(**{"Idempotency-Key": f"k{number}"})
        assert lamp_client.post("/lamps", json={"name": "a"}, headers=headers).status_code == 201
    assert database[commands.COLLECTION].count_documents({}) == 5
    lamps_before = database.lamps.count_documents({})
    again = lamp_client.post("/lamps", json={"name": "a"}, headers=bearer(**{"Idempotency-Key": "k11"}))
    assert (again.status_code, database.lamps.count_documents({})) == (201, lamps_before)


def test_idempotency_compares_parsed_bodies(lamp_client: FlaskClient) -> None:
    headers = bearer(**{"Idempotency-Key": "parsed", "Content-Type": "application/json"})
    bodies = (b'{"name":"a","watts":7}', b'{ "watts" : 7,\n"name":"\\u0061" }')
    first, second = (lamp_client.post("/lamps", data=body, headers=headers) for body in bodies)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.get_json()["id"] == second.get_json()["id"]
    other = lamp_client.post("/lamps", data=b'{"name":"a","watts":8}', headers=headers)
    assert problem(other) == (422, "idempotency-mismatch")


def test_stored_row_tests_no_guess_of_the_body(lamp_client: FlaskClient, database: Documents) -> None:
    keys = ("first-key", "second-key", "key-of-a-refusal")
    for key, name in zip(keys, ("a", "a", "forbidden"), strict=True):
        lamp_client.post("/lamps", json={"name": name}, headers=bearer(**{"Idempotency-Key": key}))
    rows = list(database[commands.COLLECTION].find())
    guesses = {hashlib.sha256(json.dumps({"name": name}).encode()).hexdigest() for name in ("a", "forbidden")}
    assert len(rows) == len({row["body"] for row in rows}) == 3
    assert not guesses & {row["body"] for row in rows}
    stored = b"".join(bson.encode(row) for name in database.list_collection_names() for row in database[name].find())
    assert not [key for key in keys if key.encode() in stored]


@pytest.mark.parametrize(("name", "status"), [("a", 201), ("forbidden", 409)])
def test_row_with_a_plain_digest_still_answers(
    lamp_client: FlaskClient, database: Documents, name: str, status: int
) -> None:
    def hang(name: str) -> Any:
        return lamp_client.post("/lamps", json={"name": name}, headers=bearer(**{"Idempotency-Key": "k"}))

    first = hang(name)
    digest = hashlib.sha256(json.dumps({"name": name}).encode()).hexdigest()
    assert database[commands.COLLECTION].update_one({}, {"$set": {"body": digest}}).modified_count == 1
    assert (hang(name).status_code, hang(name).get_json()) == (status, first.get_json())
    assert problem(hang("b")) == (422, "idempotency-mismatch")


@pytest.mark.parametrize("tag", ["*", '"0"', '"1"'])
def test_no_tag_matches_a_missing_document(tag: str) -> None:
    with Flask("x").test_request_context(headers={"If-Match": tag}):
        with pytest.raises(Refusal) as refusal:
            if_match().check(None)
        assert refusal.value.name == "stale"
        if tag == "*":
            if_match().check(7)


def test_unusable_keys_are_ignored_individually() -> None:
    good = {name: SIGNER.public()[name] for name in ("kty", "crv", "x", "y", "kid")}
    unusable: list[Any] = [
        {"kty": "of-the-future", "kid": "a"},
        {"kty": "RSA", "kid": "b", "n": "AQAB", "e": "AQAB"},
        good | {"kid": "c", "use": "enc"},
        good | {"kid": "d", "alg": "ES512"},
        good | {"kid": "e", "x": "?"},
        {name: value for name, value in good.items() if name != "kid"},
        good | {"kid": "f", "crv": "P-384"},
        "no object",
        None,
    ]
    assert set(usable_keys([*unusable, good, *unusable])) == {"k1"}
