"""Access tokens as accounts signs them: the only place in the tests that signs one."""

import http.server
import json
import threading
import time
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from chassis.http.auth import AUDIENCE, ISSUER

LIFE_S = 24 * 3600


def role_of(who: str) -> str:
    """The role that an account's name in a test implies: ``…client…``, ``operator…``, otherwise mentor."""
    return "client" if "client" in who else "operator" if who.startswith("operator") else "mentor"


class Signer:
    """One key pair. Replaces `chassis.http.auth.Keys` where no keys must be fetched."""

    def __init__(self, key_id: str = "k") -> None:
        self.key_id = key_id
        self._key = ec.generate_private_key(ec.SECP256R1())

    def token(self, account: str, role: str = "", *, life_s: float = LIFE_S, **changes: Any) -> str:
        """A token of this account and role (by default: `role_of`).

        ``changes`` replace claims, or the header's ``kid`` and ``typ``; a claim that is None is left out.
        """
        header = {name: changes.pop(name, value) for name, value in (("kid", self.key_id), ("typ", "at+jwt"))}
        usual: dict[str, Any] = {"iss": ISSUER, "aud": AUDIENCE, "sub": account, "sid": "s"}
        usual |= {"role": role or role_of(account), "exp": int(time.time() + life_s)}
        claims = {name: value for name, value in (usual | changes).items() if value is not None}
        return jwt.encode(claims, self._key, "ES256", headers=header)

    def header(self, account: str, role: str = "", **more: Any) -> dict[str, str]:
        """The request header with such a token."""
        return {"Authorization": f"Bearer {self.token(account, role, **more)}"}

    def public(self) -> dict[str, Any]:
        """The public key in the form of a key set's entry."""
        jwk = ECAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        return {**jwk, "kid": self.key_id, "alg": "ES256", "use": "sig"}

    def get(self, _key_id: str) -> jwt.PyJWK:
        """What `Keys.get` returns."""
        return jwt.PyJWK(self.public(), "ES256")


def signed(claims: Mapping[str, Any], key: Any = None, algorithm: str = "ES256", **headers: Any) -> str:
    """A token with exactly these claims and headers, signed with a key that is not accounts'."""
    return jwt.encode(dict(claims), key, algorithm, headers=headers)


def stranger() -> ec.EllipticCurvePrivateKey:
    """A key that no service trusts."""
    return ec.generate_private_key(ec.SECP256R1())


def symmetric(secret: str, key_id: str = "k", **claims: Any) -> str:
    """A token signed with a shared secret, which no service may accept."""
    return jwt.encode(claims, secret, "HS256", headers={"kid": key_id, "typ": "at+jwt"})


class KeyServer(http.server.ThreadingHTTPServer):
    """The part of accounts that every service calls: its key set, over HTTP on loopback, inside `with`."""

    daemon_threads = True

    def __init__(self, signer: Signer | None = None) -> None:
        self.signer = signer or Signer()
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def answer(self, method: str, path: str, headers: Mapping[str, str]) -> tuple[int, Any]:
        """Status and JSON; a subclass that plays more of accounts overrides it."""
        return 200, {"keys": [self.signer.public()]}


class _Handler(http.server.BaseHTTPRequestHandler):
    server: KeyServer

    def do_GET(self) -> None:
        status, found = self.server.answer(self.command, self.path, dict(self.headers))
        body = b"" if found is None else json.dumps(found).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_DELETE = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""
