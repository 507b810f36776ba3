"""Tokens, password hashes, request bodies and settings of the accounts service."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from marshmallow import ValidationError

from chassis.facts import Refusal
from chassis.http.auth import Actor, read_token
from chassis.settings import BadSetting
from services.accounts.clients import hashing as passwords_module
from services.accounts.clients.hashing import Passwords
from services.accounts.clients.tokens import access_token, jwks, new_key, new_token, public_key
from services.accounts.config import Config
from services.accounts.model import Account, Session, SigningKey, digest_of, first_ring
from services.accounts.schemas import AccountBody, RegistrationBody

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LIFE = timedelta(minutes=10)
SESSION = Session("s1", "a1", NOW, NOW, NOW + timedelta(days=30))
THOMAS = Account("a1", "t@example.org", "t@example.org", "hash", "mentor", "Thomas", "fr", NOW, version=1)


class OneKey:
    """A key source for `read_token` that holds a single key."""

    def __init__(self, key: SigningKey) -> None:
        self._key = key

    def get(self, _key_id: str) -> jwt.PyJWK:
        return public_key(self._key)


def test_access_token_names_its_account_and_is_accepted_by_services() -> None:
    now = datetime.now(UTC)  # read_token uses the real clock
    key = new_key(now)
    token = access_token(key, THOMAS, SESSION, now, LIFE)
    actor = read_token(token, OneKey(key))  # type: ignore[arg-type]
    assert actor == Actor("a1", "mentor", "s1", verified=False)
    assert actor.since == NOW.timestamp()
    assert jwt.get_unverified_header(token) == {"alg": "ES256", "typ": "at+jwt", "kid": key.id}
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims.keys() == {"iss", "aud", "sub", "client_id", "role", "verified", "sid", "auth_time"} | {
        *("iat", "exp", "jti", "amr", "acr")
    }
    assert claims["exp"] - claims["iat"] == 600


def test_expired_token_or_token_of_another_key_is_refused() -> None:
    now = datetime.now(UTC)
    key = new_key(now)
    for token in (
        access_token(new_key(now), THOMAS, SESSION, now, LIFE),
        access_token(key, THOMAS, SESSION, now - LIFE - LIFE, LIFE),
    ):
        with pytest.raises(Refusal, match="unauthenticated"):
            read_token(token, OneKey(key))  # type: ignore[arg-type]


def test_published_keys_hold_no_private_part() -> None:
    published = jwks(first_ring(new_key, timedelta(days=30), NOW))["keys"]
    assert len({key["kid"] for key in published}) == 2
    for key in published:
        assert key.keys() == {"kty", "crv", "x", "y", "kid", "use", "alg"}
        assert (key["kty"], key["crv"], key["alg"]) == ("EC", "P-256", "ES256")


def test_refresh_tokens_are_unique_and_stored_as_sha_256() -> None:
    assert len({new_token() for _ in range(100)}) == 100
    assert len(new_token()) == 43
    assert digest_of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_password_matches_in_any_unicode_form_and_no_other_does() -> None:
    cheap = Passwords(1, 8)
    kept = cheap.hash("crème brûlée à midi")
    assert kept.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert cheap.check(kept, "cre\u0300me bru\u0302le\u0301e a\u0300 midi")
    assert not cheap.check(kept, "creme brulee a midi")


def test_unknown_account_is_refused_at_the_cost_of_one_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap, asked = Passwords(1, 8), []
    verify = passwords_module.PasswordHasher.verify

    def count(hasher: Any, kept: Any, password: Any) -> Any:
        asked.append(kept)
        return verify(hasher, kept, password)

    monkeypatch.setattr(passwords_module.PasswordHasher, "verify", count)
    assert not cheap.check(None, "any password at all")
    assert len(asked) == 1
    assert asked[0].startswith("$argon2id$v=19$m=8,t=1,p=1$")


def test_hash_with_another_cost_is_outdated() -> None:
    kept = Passwords(1, 8).hash("some long password")
    assert not Passwords(1, 8).outdated(kept)
    assert Passwords(2, 16).outdated(kept)
    assert Passwords(2, 16).check(kept, "some long password")


def test_hashes_take_half_of_the_cores_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap, lock = Passwords(1, 8), threading.Lock()
    gate, running, most = threading.Event(), 0, 0

    def slow(_hasher: Any, _password: str) -> str:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
            if running == passwords_module.AT_ONCE:
                gate.set()
        gate.wait(10)
        with lock:
            running -= 1
        return "hash"

    monkeypatch.setattr(passwords_module.PasswordHasher, "hash", slow)
    threads = [threading.Thread(target=cheap.hash, args=("p",)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert most == passwords_module.AT_ONCE


BODY = {"email": "T@Example.org", "password": "p", "role": "mentor", "display_name": " Thomas ", "locale": "fr"}


def test_registration_normalises_the_email_and_keeps_the_password() -> None:
    read = RegistrationBody().load(BODY | {"password": "  spaces count  "})
    assert (read["email"], read["display_name"], read["password"]) == ("T@example.org", "Thomas", "  spaces count  ")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "not an e-mail"),
        ("email", "x" * 400 + "@example.org"),
        ("password", "x" * 1025),
        ("role", "operator"),
        ("role", ["mentor"]),
        ("display_name", ""),
        ("display_name", "Thomas\r\nBcc: all@example.org"),
        ("display_name", "x" * 101),
        ("locale", "de"),
        ("locale", None),
        ("surprise", 1),
    ],
)
def test_registration_with_an_invalid_field_names_that_field(field: str, value: Any) -> None:
    with pytest.raises(ValidationError) as error:
        RegistrationBody().load(BODY | {field: value})
    assert list(error.value.normalized_messages()) == [field]


def test_neither_role_nor_email_can_be_patched() -> None:
    assert AccountBody().load({"locale": "en"}) == {"locale": "en"}
    for field in ("role", "email", "password", "id"):
        with pytest.raises(ValidationError):
            AccountBody().load({field: "client"})


SECRETS = {
    "RELEVE_INTERNAL_NOTIFY_ACCOUNTS": "told-to-notify",
    "RELEVE_INTERNAL_ACCOUNTS_PROJECTS": "told-to-projects",
    "RELEVE_BLIND_SECRET": "told-to-matching",
}


def test_default_settings_match_the_documentation() -> None:
    config = Config.read(SECRETS)
    assert config.access_token_life == LIFE
    assert (config.refresh_life, config.refresh_grace) == (timedelta(days=30), timedelta(seconds=30))
    assert config.key_life == timedelta(days=30)
    assert (config.hash_time_cost, config.hash_memory_kib) == (2, 19456)
    assert (config.link_life, config.reset_life) == (timedelta(days=1), timedelta(hours=1))
    assert config.verify_email is True
    assert not [secret for secret in SECRETS.values() if secret in repr(config)]


@pytest.mark.parametrize(
    "environ",
    [
        {"RELEVE_ACCESS_TOKEN_LIFE": "ten minutes"},
        {"RELEVE_ACCESS_TOKEN_LIFE": "PT0S"},
        {"RELEVE_REFRESH_LIFE": "P1M"},
        {"RELEVE_REFRESH_GRACE": "-PT1S"},
        {"RELEVE_KEY_LIFE": "PT10M"},
        {"RELEVE_HASH_TIME_COST": "0"},
        {"RELEVE_HASH_MEMORY_KIB": "7"},
        {"RELEVE_VERIFY_EMAIL": "perhaps"},
        {"RELEVE_RESET_LIFE": "an hour"},
        {"RELEVE_BLIND_SECRET": ""},
    ],
)
def test_invalid_setting_is_refused_by_name(environ: dict[str, str]) -> None:
    with pytest.raises(BadSetting, match=next(iter(environ))):
        Config.read(SECRETS | environ)
