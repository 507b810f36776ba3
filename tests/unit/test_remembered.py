"""Remembered tokens: what they save, and when they count no more."""

import time
from typing import Any

import jwt
import pytest

from chassis.facts import Refusal
from chassis.http.auth import CLOCK_SKEW_S, remembered_actor
from chassis.http.remembered import Remembered
from tests.kit.tokens import Signer


class OneKey:
    """A source of one key, which can be read again or withdrawn."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer
        self.key: jwt.PyJWK | None = signer.get("k")

    def read_again(self, signer: Signer | None = None) -> None:
        self.key = (signer or self._signer).get("k")

    def get(self, _key_id: str) -> jwt.PyJWK:
        if self.key is None:
            raise Refusal("unauthenticated", "The token's key is unknown.")
        return self.key


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tokens whose signature was checked, in order."""
    found, decode = list[str](), jwt.decode

    def counting(token: str, *args: Any, **kwargs: Any) -> Any:
        found.append(token)
        return decode(token, *args, **kwargs)

    monkeypatch.setattr(jwt, "decode", counting)
    return found


def test_token_is_verified_once(verified: list[str]) -> None:
    signer, remembered = Signer(), Remembered()
    keys, token = OneKey(signer), signer.token("thomas")
    actors = [remembered_actor(token, keys, remembered) for _ in range(3)]
    assert [actor.id for actor in actors] == ["thomas"] * 3
    assert verified == [token]


def test_refused_token_is_not_remembered(verified: list[str]) -> None:
    keys, remembered = OneKey(Signer()), Remembered()
    token = Signer().token("thomas")
    for _ in range(2):
        with pytest.raises(Refusal, match="unauthenticated"):
            remembered_actor(token, keys, remembered)
    assert verified == [token] * 2


def test_remembered_token_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    signer, remembered = Signer(), Remembered()
    keys, token = OneKey(signer), signer.token("thomas", life_s=60)
    assert remembered_actor(token, keys, remembered).id == "thomas"
    ends = jwt.decode(token, options={"verify_signature": False})["exp"] + CLOCK_SKEW_S
    monkeypatch.setattr(time, "time", lambda: ends - 1)
    assert remembered.find(token, keys) is not None
    monkeypatch.setattr(time, "time", lambda: ends)
    assert remembered.find(token, keys) is None


def test_key_that_was_read_again_verifies_again(verified: list[str]) -> None:
    signer, remembered = Signer(), Remembered()
    keys, token = OneKey(signer), signer.token("thomas")
    remembered_actor(token, keys, remembered)
    keys.read_again()
    assert remembered_actor(token, keys, remembered).id == "thomas"
    assert len(verified) == 2
    keys.read_again(Signer())
    with pytest.raises(Refusal, match="unauthenticated"):
        remembered_actor(token, keys, remembered)


def test_withdrawn_key_verifies_nothing() -> None:
    signer, remembered = Signer(), Remembered()
    keys, token = OneKey(signer), signer.token("thomas")
    remembered_actor(token, keys, remembered)
    keys.key = None
    with pytest.raises(Refusal, match="unauthenticated"):
        remembered_actor(token, keys, remembered)


def test_oldest_token_is_forgotten_first() -> None:
    signer, remembered = Signer(), Remembered(most=2)
    keys = OneKey(signer)
    tokens = [signer.token(who) for who in ("a", "b", "c")]
    for token in tokens:
        remembered_actor(token, keys, remembered)
    assert [remembered.find(token, keys) is not None for token in tokens] == [False, True, True]
