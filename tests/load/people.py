"""People with accounts, on Locust's client. Only the generator's process imports this: Locust replaces sockets.

Every request has a scheduled time. The recorded latency counts from that time, not from the send, so that a slow
system cannot hide its delays by postponing requests ("coordinated omission").
"""

import json
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.client import HTTPException
from typing import Any

import gevent
from gevent.event import Event
from locust import FastHttpUser

from stories.people import PASSWORD
from tests.load.measures import AGAIN

ASK_AGAIN_S, MOST_AGAIN_S = 0.1, 2.0
"""The first and the longest pause between retries, in seconds; the pause doubles each time."""
IDLE_S = 60.0
"""Seconds after which an idle connection is dropped, before the gateway closes it during a non-idempotent request."""
FRESH_S = 60.0
"""A token that expires in fewer seconds than this is refreshed."""
STREAM = "GET /api/notifications/stream"


class Unfinished(Exception):
    """A story cannot continue; the text states what was missing, without an id."""


class Person(FastHttpUser):
    """A person with an account in one browser: a token, kept-alive connections, one notifications page."""

    abstract = True
    network_timeout = 30.0
    connection_timeout = 10.0
    patience = 30.0
    """Seconds for which a person retries while a result is pending; the generator may be configured otherwise."""
    forgiving = False
    """Whether a 503 with Retry-After is retried, as a web client would, instead of being an error."""
    began = 0.0
    """The level's start on the monotonic clock, shared by all people of the process."""

    def __init__(self, environment: Any, role: str) -> None:
        super().__init__(environment)
        self.role, self.email = role, f"load-{role}-{secrets.token_hex(6)}@example.org"
        self.languages: list[str] = []
        self.card: dict[str, Any] = {}
        self._token: dict[str, Any] = {}
        self._expires = self._used = 0.0
        self._page = Page(self)

    # --- signing in, before the clock starts and whenever a token nears its end

    def join(self) -> None:
        """Registers and signs in; retries when the gateway throttles the request."""
        account = {"email": self.email, "password": PASSWORD, "role": self.role, "display_name": "Camille"}
        self.set_up("POST", "/api/accounts", account | {"locale": "fr"}, 201)
        self._signed_in(self.set_up("POST", "/api/sessions", {"email": self.email, "password": PASSWORD}, 201))

    def set_up(self, method: str, path: str, body: Any, wanted: int) -> Any:
        """Sends an unmeasured request and returns the response body. Raises `Unfinished` for another status."""
        until = time.monotonic() + self.patience
        while True:
            answer = self.client.request(method, path, json=body, headers=self._headers(), catch_response=True)
            if answer.status_code != 429 or time.monotonic() > until:
                break
            gevent.sleep(1)
        if answer.status_code != wanted:
            said = " ".join(str(answer.text or getattr(answer, "error", "")).split())
            raise Unfinished(f"{method} {path}: {answer.status_code} {said:.200}")
        return json.loads(answer.text) if answer.text else None

    def token_life(self) -> float:
        """Seconds until the access token expires."""
        return self._expires - time.monotonic()

    def refresh(self, due: float) -> None:
        """Refreshes the access token if it is about to expire."""
        if self._token and self.token_life() < FRESH_S:
            self._expires = time.monotonic() + FRESH_S + self.patience  # so that no other greenlet refreshes meanwhile
            body = {"refresh_token": self._token["refresh_token"]}
            self._signed_in(self.ask(due, "POST /api/sessions/refresh", body=body, wanted=(201,)))

    def _signed_in(self, session: Any) -> None:
        self._token, self._expires = session, time.monotonic() + session["expires_in"]

    def _headers(self) -> dict[str, str]:
        headers = {"Accept-Language": "fr"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token['access_token']}"
        return headers

    # --- measured requests

    def ask(
        self, due: float, route: str, *, wanted: tuple[int, ...] = (200,), again: tuple[int, ...] = (),
        body: Any = None, query: str = "", until: Callable[[Any], Any] | None = None,
        tell: Callable[[int], object] = lambda status: None, **ids: str,
    ) -> Any:  # fmt: skip
        """Waits until ``due`` (monotonic), sends the request, returns the body of a response with a ``wanted`` status.

        A response with a status in ``again``, or for which ``until`` is false, is polled again until the patience
        ends; the whole wait counts. ``tell`` gets the final status, 0 without a response. Any other response
        is an error: recorded, then raised as `Unfinished`.
        """
        gevent.sleep(max(0.0, due - time.monotonic()))
        if route != "POST /api/sessions/refresh":
            self.refresh(due)
        method, _, path = route.partition(" ")
        path = path.format(**ids) + query
        key = secrets.token_hex(8)
        patience, pause = max(due, time.monotonic()) + self.patience, ASK_AGAIN_S
        while True:
            sent = time.monotonic()
            answer, status, wrong = self._send(method, path, body, key)
            come = time.monotonic()
            value = None if wrong else _parsed(answer)
            running = status == 409 and _problem(value) == "idempotency-running"  # an earlier try of this request
            ready = status in wanted and not running and (until is None or until(value))
            waits = not wrong and not ready and (status in (*again, *wanted) or (status == 503 and self.forgiving))
            waits = waits or running
            if waits and come < patience:
                self._record(route + AGAIN, sent, sent, come, answer, "")
                gevent.sleep(pause)
                pause = min(2 * pause, MOST_AGAIN_S)
                continue
            if not ready:
                wrong = wrong or ("did not come" if waits else f"{status} {_problem(value)}".strip())
            self._record(route, due, sent, come, answer, wrong)
            tell(status)
            if wrong:
                raise Unfinished(f"{route}: {wrong}")
            return value

    def _send(self, method: str, path: str, body: Any, key: str) -> tuple[Any, int, str]:
        if self._used and time.monotonic() - self._used > IDLE_S and not self._page.open:
            self.client.client.close()
        self._used = time.monotonic()
        headers = self._headers() | ({"Idempotency-Key": key} if method == "POST" else {})
        # caught, so that Locust records nothing itself: `_record` does, from the scheduled time
        answer = self.client.request(method, path, json=body, headers=headers, catch_response=True)
        if not answer.status_code:
            return answer, 0, f"no answer ({type(getattr(answer, 'error', None)).__name__})"
        return answer, answer.status_code, ""

    def _record(self, route: str, due: float, sent: float, come: float, answer: Any, wrong: str) -> None:
        self.environment.events.request.fire(
            request_type=route.partition(" ")[0], name=route.partition(" ")[2], response_time=(come - due) * 1000,
            response_length=len(answer.content or b"") if answer is not None else 0,
            exception=Unfinished(wrong) if wrong else None,
            context={"due": due - Person.began, "from_send": come - sent}, start_time=time.time() - (come - due),
        )  # fmt: skip

    # --- the page of news

    def watch(self) -> "Page":
        """The person's notifications page, open within `with`; concurrent users share one stream."""
        return self._page


class Page:
    """An event stream that reconnects with its Last-Event-ID, and the notifications received."""

    def __init__(self, person: Person) -> None:
        self._person = person
        self._holders = 0
        self._reader: Any = None
        self._seen: dict[tuple[str, str], float] = {}
        self._last, self._kind, self._news = "", b"", Event()

    @property
    def open(self) -> bool:
        """Whether any user keeps it open."""
        return self._holders > 0

    def __enter__(self) -> "Page":
        self._holders += 1
        if self._reader is None:
            self._reader = gevent.spawn(self._read, time.monotonic())
        return self

    def __exit__(self, *_: object) -> None:
        self._holders -= 1
        if not self._holders:
            self._reader.kill(block=False)
            self._reader = None
            self._seen.clear()

    def came(self, kinds: tuple[str, ...], project_id: str, patience: float) -> tuple[str, float]:
        """Waits for the first notification of these kinds; its kind and time (monotonic), else raises `Unfinished`."""
        until = time.monotonic() + patience
        while not (found := [kind for kind in kinds if (kind, project_id) in self._seen]):
            self._news.clear()
            if not self._news.wait(max(0.0, until - time.monotonic())) and time.monotonic() >= until:
                raise Unfinished(f"news: {' or '.join(kinds)} did not come on the stream")
        return found[0], self._seen[found[0], project_id]

    def _read(self, due: float) -> None:
        while True:
            with suppress(Unfinished):
                self._follow(due)
            gevent.sleep(0.2)
            due = time.monotonic()

    def _follow(self, due: float) -> None:
        person = self._person
        person.refresh(due)
        headers = person._headers() | ({"Last-Event-ID": self._last} if self._last else {})
        sent = time.monotonic()
        answer = person.client.request(
            "GET", "/api/notifications/stream", headers=headers | {"Accept-Encoding": "identity"}, stream=True,
            catch_response=True,
        )  # fmt: skip
        if answer.status_code != 200:
            person._record(STREAM, due, sent, time.monotonic(), None, f"{answer.status_code}")
            raise Unfinished(f"{STREAM}: {answer.status_code}")
        stream = answer.stream
        try:
            stream.readline(b"\n")  # the first line of a stream is sent immediately
            person._record(STREAM, due, sent, time.monotonic(), None, "")
            if not self._last:  # notifications from before the stream are in the list
                listed = person.ask(time.monotonic(), "GET /api/notifications", query="?limit=20")["items"]
                for item in listed:
                    self._note(item)
            while line := stream.readline(b"\n"):
                self._take(line)
        except (OSError, HTTPException) as error:
            raise Unfinished(f"{STREAM}: {type(error).__name__}") from error
        finally:
            stream.release()

    def _take(self, line: bytes) -> None:
        if line.startswith(b"id:"):
            self._last = line[3:].strip().decode()
        elif line.startswith(b"event:"):
            self._kind = line[6:].strip()
        elif line.startswith(b"data:") and self._kind == b"notification":  # the stream carries hints, too
            self._note(json.loads(line[5:]))

    def _note(self, item: Mapping[str, Any]) -> None:
        self._seen.setdefault((item["kind"], item["project_id"] or ""), time.monotonic())
        self._news.set()


def _parsed(answer: Any) -> Any:
    try:
        return json.loads(answer.text) if answer.text else None
    except ValueError:
        return None


def _problem(body: Any) -> str:
    return str(body["type"]).rsplit(":", 1)[-1] if isinstance(body, Mapping) and "type" in body else ""
