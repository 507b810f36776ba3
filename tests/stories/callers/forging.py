"""Tokens that no service may accept: a stranger's, and those of accounts' own key with one thing wrong.

Sources: RFC 8725 (best practices for JSON Web Tokens), RFC 9068 (access tokens).
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import jwt

from tests.kit.tokens import signed, stranger

Sign = Callable[[Mapping[str, Any], Mapping[str, Any]], str]
"""Signs claims under headers with accounts' own key."""


def forgeries(token: str, sign: Sign, public: str) -> dict[str, str]:
    """Bad tokens by what is wrong, made from a valid one. ``public`` is accounts' public key as PEM."""
    claims = jwt.decode(token, options={"verify_signature": False})
    headers = jwt.get_unverified_header(token)
    head, body, signature = token.split(".")

    def changed(**more: Any) -> str:
        return sign({name: value for name, value in (claims | more).items() if value is not None}, headers)

    def strange(**more: Any) -> str:
        return signed(claims, stranger(), **{**headers, **more})

    return {
        "expired": changed(exp=int(time.time()) - 60),
        "without an end": changed(exp=None),
        "not yet valid": changed(nbf=int(time.time()) + 3_600),
        "of another issuer": changed(iss="somebody"),
        "for another audience": changed(aud="another-api"),
        "of another type": sign(claims, headers | {"typ": "JWT"}),
        "of an unknown role": changed(role="root"),
        "signed by a stranger": strange(),
        "of an unknown key": strange(kid="unknown"),
        "bringing its own key": strange(jwk={"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}),
        "unsigned": f"{_part(headers | {'alg': 'none'})}.{body}.",
        "signed with the public key": f"{_part(headers | {'alg': 'HS256'})}.{body}.{_hmac(headers, body, public)}",
        "with other claims under the signature": f"{head}.{_part(claims | {'sub': 'somebody-else'})}.{signature}",
        "with a cut signature": f"{head}.{body}.{signature[:-4]}",
    }


def _part(value: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _hmac(headers: dict[str, Any], body: str, public: str) -> str:
    signed = f"{_part(headers | {'alg': 'HS256'})}.{body}".encode()
    return base64.urlsafe_b64encode(hmac.digest(public.encode(), signed, hashlib.sha256)).rstrip(b"=").decode()
