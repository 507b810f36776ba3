"""Passes under attack: forged, expired, of another programme, of somebody removed, and at another service."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from chassis.ids import new_id
from chassis.mongo import Documents, connect
from services.programmes import store
from services.programmes.clients.passes import jwks, sign
from services.programmes.model.participants import Participant
from tests.kit.answers import body, problem
from tests.kit.programmes import INTERNALLY, OWNER, Programmes
from tests.kit.services import Running
from tests.kit.tokens import signed, stranger, symmetric

DAY_S = 86_400


@pytest.fixture(scope="module")
def programmes(mongo_uri: str) -> Iterator[Programmes]:
    """One service for all tests: each has a programme of its own."""
    programmes = Programmes(connect(mongo_uri, f"test_{new_id().replace('-', '_')}", app="test"))
    yield programmes
    programmes.drop()


@pytest.fixture
def person(programmes: Programmes) -> Participant:
    return programmes.put(programmes.create(), "M01", "mentor")


def private_key(programmes: Programmes) -> ec.EllipticCurvePrivateKey:
    """The key that signs passes."""
    key = serialization.load_pem_private_key(store.pass_key(programmes.work).private_pem.encode(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


def made(programmes: Programmes, person: Participant, key: Any = None, header: Any = None, **changes: Any) -> str:
    """A pass signed with the real key, or another, with some claims replaced; one that is None is left out."""
    claims: dict[str, Any] = {"iss": "releve-programmes", "aud": "releve-api", "sub": person.id, "role": "participant"}
    claims |= {"sid": person.programme, "exp": int(time.time()) + 600} | changes
    kept = {name: value for name, value in claims.items() if value is not None}
    headers = {"kid": store.pass_key(programmes.work).id, "typ": "at+jwt"} | (header or {})
    return signed(kept, key or private_key(programmes), **headers)


def read(programmes: Programmes, token: str, person: Participant) -> tuple[int, str]:
    """Status and problem of reading the person's programme."""
    answer = programmes.by_pass(token, "GET", f"/api/programmes/{person.programme}")
    return (200, "") if answer.status_code == 200 else problem(answer)


def test_pass_signed_with_the_real_key_opens_the_programme(programmes: Programmes, person: Participant) -> None:
    assert read(programmes, made(programmes, person), person) == (200, "")


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": int(time.time()) - DAY_S}, {"exp": None}, {"sub": None}, {"sid": None}, {"role": None},
        {"role": "client"}, {"role": "operator"}, {"iss": "releve"}, {"iss": None}, {"iss": "RELEVE-PROGRAMMES"},
        {"aud": "releve"}, {"aud": None}, {"header": {"typ": "JWT"}}, {"header": {"kid": "unknown"}},
        {"header": {"kid": "' || '1'=='1"}}, {"header": {"kid": "../../../../dev/null"}}, {"header": {"kid": ""}},
        {"nbf": int(time.time()) + DAY_S},
    ],
)  # fmt: skip
def test_pass_with_a_wrong_claim_is_refused(programmes: Programmes, person: Participant, changes: Any) -> None:
    assert read(programmes, made(programmes, person, **changes), person) == (401, "unauthenticated")


def test_pass_of_a_strangers_key_is_refused(programmes: Programmes, person: Participant) -> None:
    key = stranger()
    point = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key.public_key()))
    for header in ({}, {"jwk": point}, {"jku": "https://attacker.example/jwks.json"}, {"x5u": "https://a.example/c"}):
        assert read(programmes, made(programmes, person, key, header), person) == (401, "unauthenticated")


def test_algorithm_is_never_taken_from_the_pass(programmes: Programmes, person: Participant) -> None:
    key = store.pass_key(programmes.work)
    public = private_key(programmes).public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    claims = jwt.decode(made(programmes, person), options={"verify_signature": False})
    tokens = [signed(claims, algorithm="none", kid=key.id, typ="at+jwt")]
    tokens += [_hs256(secret, key.id, claims) for secret in (pem, json.dumps(jwks(key)["keys"][0]))]
    tokens.append(symmetric("secret" * 8, key.id, **claims))
    _, payload, _ = made(programmes, person).split(".")
    head = base64.urlsafe_b64encode(json.dumps({"alg": "ES256", "kid": {"$ne": ""}, "typ": "at+jwt"}).encode())
    tokens += [f"{head.decode().rstrip('=')}.{payload}.AAAA", f"..{payload}", "x.y.z", "é.é.é"]
    for token in tokens:
        status = read(programmes, token, person) if token.isascii() else (401, "unauthenticated")
        assert status == (401, "unauthenticated"), token


def _hs256(secret: str, key_id: str, claims: Any) -> str:
    """Signed with a public key as the shared secret; PyJWT itself refuses to make such a token."""

    def part(value: bytes) -> str:
        return base64.urlsafe_b64encode(value).decode().rstrip("=")

    header = json.dumps({"alg": "HS256", "kid": key_id, "typ": "at+jwt"}).encode()
    signed = f"{part(header)}.{part(json.dumps(claims).encode())}"
    return f"{signed}.{part(hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest())}"


def test_expired_pass_needs_the_link_again(programmes: Programmes, person: Participant) -> None:
    key, life = store.pass_key(programmes.work), timedelta(hours=12)
    old = sign(key, person.id, person.programme, programmes.now - life - timedelta(seconds=6), life)
    assert read(programmes, old, person) == (401, "unauthenticated")


def sweep(programmes: Programmes, programme: str, token: str) -> Iterator[tuple[str, int, str]]:
    """Every route of a programme, called with this pass: the route, the status and the body."""
    for rule in programmes.app.url_map.iter_rules():
        if not rule.rule.startswith("/api/programmes/<"):
            continue
        filled = dict.fromkeys(rule.arguments, "x")
        first = rule.rule.split("<", 1)[1].split(">", 1)[0].split(":")[-1]
        with programmes.app.test_request_context():
            path = rule.build(filled | {first: programme})
        assert path is not None
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            answer = programmes.by_pass(token, method, path[1], {} if method != "GET" else None)
            yield f"{method} {rule.rule}", answer.status_code, answer.text


def test_pass_opens_no_route_of_another_programme(programmes: Programmes, person: Participant) -> None:
    elsewhere = programmes.create(name="Somewhere else")
    programmes.put(elsewhere, "M01", "mentor", name="Somebody else")
    token = made(programmes, person)
    tried = list(sweep(programmes, elsewhere, token))
    assert len(tried) >= 3
    for route, status, text in tried:
        assert status in (401, 403, 404, 422), route
        assert "else" not in text, route


def test_pass_of_somebody_removed_opens_nothing(programmes: Programmes, person: Participant) -> None:
    token = made(programmes, person)
    programmes.database.participants.delete_one({"_id": person.id})
    for route, status, _ in sweep(programmes, person.programme, token):
        assert status in (401, 403, 404, 422), route
    assert body(programmes.by_pass(token, "GET", "/api/programmes"))["items"] == []


def test_pass_never_makes_its_bearer_a_client(programmes: Programmes, person: Participant) -> None:
    answer = programmes.by_pass(made(programmes, person), "POST", "/api/programmes", {"name": "Mine"})
    assert problem(answer) == (401, "unauthenticated")


def test_pass_is_refused_by_other_services(programmes: Programmes, person: Participant, database: Documents) -> None:
    projects = Running("projects", database, signer=programmes.signer)
    for token in (made(programmes, person), made(programmes, person, role="client")):
        header = {"Authorization": f"Bearer {token}"}
        answer = projects.app.test_client().get("/api/projects", headers=header)
        assert problem(answer) == (401, "unauthenticated")


def test_token_of_accounts_is_no_pass_even_with_the_role(programmes: Programmes, person: Participant) -> None:
    token = programmes.signer.token(person.id, "participant", sid=person.programme)
    assert read(programmes, token, person) == (401, "unauthenticated")


def test_link_that_has_expired_opens_nothing(programmes: Programmes, person: Participant) -> None:
    message = programmes.message(person)
    token = programmes.token(message.id)
    past = {"$set": {"expires_at": programmes.now - timedelta(seconds=1)}}
    programmes.database.messages.update_one({"_id": message.id}, past)
    assert problem(programmes.open(token)) == (404, "not-found")


def test_invitation_to_organise_is_no_participants_link(programmes: Programmes, person: Participant) -> None:
    invited = {"organisation": "AXA", "email": "new@axa.example"}
    challenge = programmes.create(kind="challenge", organisations=["AXA", "Engie"])
    path = f"/api/programmes/{challenge}/organisers"
    assert programmes.call(OWNER, "POST", path, invited).status_code == 201
    [message] = programmes.messages("organiser-invited")
    assert problem(programmes.open(programmes.token(message["_id"]))) == (404, "not-found")


def test_link_outlives_its_sent_message_which_notify_cannot_read_again(
    programmes: Programmes, person: Participant
) -> None:
    message = programmes.message(person)
    token = programmes.token(message.id)
    forgotten = programmes.app.test_client().delete(f"/internal/messages/{message.id}", headers=INTERNALLY)
    assert forgotten.status_code == 204
    assert problem(programmes.read(message.id)) == (404, "not-found")
    assert programmes.open(token).status_code == 201
