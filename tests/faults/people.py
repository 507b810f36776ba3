"""A participant in the load: sends requests through the gateway until answered, and records every attempt."""

import asyncio
import base64
import hashlib
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from contracts.parts import PARTS
from tests.faults.ledger import Ledger

TIMEOUT_S = 10.0
GIVE_UP_S = 150.0
"""How long an unanswered request is retried, seconds; longer than any fault."""
LEAST_WAIT_S, MOST_WAIT_S = 0.2, 2.0
TOKEN_LIFE_S = 480.0
"""Age at which a token is renewed, seconds; the old one is then valid for two more minutes."""
PASSWORD = "une phrase longue et sûre, 42 fois"
SERVICES = {
    route.path.split("/")[2]: part.name for part in PARTS for route in part.routes if route.path.startswith("/api/")
}
"""The service that answers each path below ``/api/``."""
ABOUT_THE_ACCOUNT = ("/api/accounts", "/api/sessions", "/api/programmes/passes")
"""Routes without a token, which a 401 does not renew."""


@dataclass(frozen=True)
class Answer:
    """The final answer; ``status`` 0 if there was none in all the time."""

    status: int
    body: Any = None
    version: int = 0

    @property
    def done(self) -> bool:
        """Whether it was a 2xx."""
        return 200 <= self.status < 300


@dataclass
class Wire:
    """Shared by all participants: the gateway, the ledger, and when which service acknowledged a write."""

    http: httpx.AsyncClient
    ledger: Ledger
    acknowledged: list[tuple[float, str]] = field(default_factory=list)


class Person:
    """A client, a mentor or a programme's participant. ``words`` are planted names: of a client, of a participant."""

    def __init__(self, wire: Wire, role: str, name: str, words: list[str]) -> None:
        self._wire, self.role, self.name, self.words = wire, role, name, words
        self.email = f"{role}-{secrets.token_hex(6)}@example.org"
        self.id: str | None = None
        self._token, self._token_at = "", 0.0
        self._signing_in = asyncio.Lock()
        self._renewal: asyncio.Task[None] | None = None
        self._heard: set[str] = set()

    async def join(self, path: str, card: Mapping[str, Any]) -> bool:
        """Registers, signs in and stores the profile at ``path``; returns whether that was acknowledged."""
        body = {"email": self.email, "password": PASSWORD, "role": self.role, "display_name": self.name, "locale": "fr"}
        if not (await self.ask("POST", "/api/accounts", body)).done or not await self._sign_in():
            return False
        return (await self.ask("PUT", path, card)).done

    async def ask(
        self,
        method: str,
        route: str,
        body: Any = None,
        *,
        project: str | None = None,
        found_within_s: float = 0.0,
        query: str = "",
        **ids: str,
    ) -> Answer:
        """Retries with one Idempotency-Key until answered, and returns the final answer.

        A missing answer, a 5xx, a 429 and an answer to an expired token are retried for `GIVE_UP_S`; a 404 for
        ``found_within_s``, if its subject may still be on its way.
        """
        wish, began, number = secrets.token_hex(12), time.monotonic(), 0
        path = route.format(project_id=project, **ids) + query
        while True:
            number += 1
            if self._token and time.monotonic() - self._token_at > TOKEN_LIFE_S and self._renewal is None:
                self._renewal = asyncio.create_task(self._renew())
            got: dict[str, Any] = dict(ids)
            if method == "POST" and route == "/api/projects":
                got["title"] = body["title"]
            response = await self._once(method, path, route, body, wish, number, project, got)
            waited = time.monotonic() - began
            if response is None or response.status_code >= 500 or response.status_code == 429 or _runs(response):
                again = waited < GIVE_UP_S
            elif response.status_code == 401 and route not in ABOUT_THE_ACCOUNT:
                again = waited < GIVE_UP_S and await self._sign_in()
            else:
                again = response.status_code == 404 and waited < found_within_s
            if not again:
                return _answer(response)
            await asyncio.sleep(_pause(response, number))

    async def _sign_in(self) -> bool:
        async with self._signing_in:
            if self._token and time.monotonic() - self._token_at < 1:
                return True  # another task has just done it
            answer = await self.ask("POST", "/api/sessions", {"email": self.email, "password": PASSWORD})
            if answer.done:
                self._hold(answer.body["access_token"])
                if self.id is None:
                    self.id = _subject(self._token)
                    self._wire.ledger.person(self.id, self.role, self.email, [*self.words, *self._own_words()])
            return answer.done

    def _hold(self, token: str) -> None:
        """Uses this token from now on."""
        self._token, self._token_at = token, time.monotonic()

    async def _renew(self) -> None:
        """Renews the token in the background, so that writes do not wait while accounts is down."""
        await self._sign_in()
        self._renewal = None

    def _own_words(self) -> list[str]:
        return [self.email] if self.role == "client" else []

    async def _once(
        self, method: str, path: str, route: str, body: Any, wish: str, number: int, project: str | None,
        got: dict[str, Any],
    ) -> httpx.Response | None:  # fmt: skip
        headers = {"Idempotency-Key": wish} if method == "POST" else {}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        entry: dict[str, Any] = {
            "sent": time.time(), "answered": None, "account": self.id, "role": self.role, "method": method,
            "route": route, "project": project, "wish": wish, "number": number, "status": None,
            "error": "Unanswered", "got": got, "heard": "",
        }  # fmt: skip
        response = None
        try:
            response = await self._wire.http.request(method, path, json=body, headers=headers)
            entry |= {"answered": time.time(), "status": response.status_code, "error": None}
            self._note(entry, response)
        except httpx.HTTPError as error:
            entry["error"] = type(error).__name__
        finally:  # also when cancelled in between: the outcome is then unknown
            self._wire.ledger.attempt(entry)
        if response is not None and response.is_success and method != "GET":
            self._wire.acknowledged.append((entry["answered"], SERVICES[route.split("/")[2]]))
        return response

    def _note(self, entry: dict[str, Any], response: httpx.Response) -> None:
        """Records the essential part of an answer; except for a client also its text, each item of a list once."""
        try:
            body = response.json() if response.content else {}
        except ValueError:
            body = {}
        answer = _answer(response)
        if answer.done and entry["method"] != "GET":
            entry["got"] |= _essential(entry["route"], body, answer.version)
            if entry["route"] == "/api/projects":
                entry["project"] = body["id"]
        elif not answer.done:
            entry["error"] = str(body.get("type", "")).rpartition(":")[2] or None
        if self.role != "client" and entry["route"] not in ABOUT_THE_ACCOUNT:
            items = body["items"] if isinstance(body, dict) and "items" in body else [response.text]
            entry["heard"] = "\n".join(filter(None, map(self._fresh, items)))

    def _fresh(self, item: Any) -> str:
        text = item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)
        same = {**item, "state": ""} if isinstance(item, dict) else item  # a new state alone is not recorded
        digest = hashlib.sha256(json.dumps(same).encode()).hexdigest()
        if digest in self._heard:
            return ""
        self._heard.add(digest)
        return text


def _essential(route: str, body: Mapping[str, Any], version: int) -> dict[str, Any]:
    """The promise that an acknowledgement contains."""
    if route.startswith("/api/quotes") and "receipt" in body:
        return {"quote_id": body["id"], "digest": body["receipt"]["digest"], "version": version}
    names = ("state", "quote_id", "closes_at", "expires_at")
    return {name: body[name] for name in names if name in body}


def _answer(response: httpx.Response | None) -> Answer:
    if response is None:
        return Answer(0)
    tag = response.headers.get("etag", "").strip('"W/')
    try:
        body = response.json() if response.content else {}
    except ValueError:
        body = {}
    return Answer(response.status_code, body, int(tag) if tag.isdigit() else 0)


def _runs(response: httpx.Response) -> bool:
    return response.status_code == 409 and "idempotency-running" in response.text


def _pause(response: httpx.Response | None, number: int) -> float:
    """Seconds to wait: the requested time within bounds, otherwise longer with each attempt."""
    asked = response.headers.get("retry-after", "") if response is not None else ""
    if asked.isdigit():
        return min(max(float(asked), LEAST_WAIT_S), MOST_WAIT_S)
    return min(LEAST_WAIT_S * 1.5 ** min(number - 1, 20), MOST_WAIT_S)


def _subject(token: str) -> str:
    """The account of a token, read without verification: a repeated registration may answer an unused id."""
    claims = token.split(".")[1]
    subject: str = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["sub"]
    return subject
