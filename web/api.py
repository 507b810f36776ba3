"""The public API, as the pages call it: one answer per call, with problems as values."""

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from ssl import SSLContext
from typing import Any
from urllib.parse import quote, urlencode

import urllib3
from opentelemetry import propagate

TIMEOUT = urllib3.Timeout(connect=2, read=15)
STREAM_TIMEOUT = urllib3.Timeout(connect=2, read=60)
PAGE = 200
"""Items of one page where a whole list is read."""
ALL: Mapping[str, Any] = {"limit": PAGE}
"""Ends a call of `Caller.every` that reads a whole list, whatever its length."""
AT_ONCE = 4
"""Calls that one page makes in parallel."""
FOR_OPERATORS = "X-Releve-For-Operators"
"""The gateway's mark on requests that may find the operators' routes. It opens them here only when passed on."""


class Away(Exception):
    """A part of the system does not answer, or answers that it cannot now. Nothing was done, or it may be repeated."""


class SignedOut(Exception):
    """The API does not accept the session any more."""


class NotFound(Exception):
    """Not there, or not this person's."""


class Forbidden(Exception):
    """This account may never do this: its role is another, or it is suspended."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(frozen=True)
class Answer:
    """One answer of the API. `body` is the parsed JSON, or None."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""

    @property
    def ok(self) -> bool:
        """Whether it was done."""
        return self.status < 400

    @property
    def problem(self) -> str:
        """The name of the problem, such as `round-full`; empty if there is none."""
        return str(self.body.get("type", "")).removeprefix("urn:releve:problem:") if not self.ok and self.body else ""

    @property
    def errors(self) -> list[dict[str, Any]]:
        """The errors of single fields."""
        found: list[dict[str, Any]] = self.body.get("errors") or [] if isinstance(self.body, dict) else []
        return found


def path(*parts: object, **query: Any) -> str:
    """A path below `/api` with every part escaped: ids come from addresses that anybody may type."""
    joined = "/".join(quote(str(part), safe="") for part in parts)
    pairs = [(name, value) for name, value in query.items() if value not in (None, "")]
    return f"/api/{joined}" + (f"?{urlencode(pairs, doseq=True)}" if pairs else "")


class Api:
    """The gateway's inner listener, with a pool of connections. One for the process."""

    def __init__(self, url: str, tls: SSLContext | None = None) -> None:
        self._url = url
        self._pool = urllib3.PoolManager(num_pools=2, maxsize=64, retries=False, timeout=TIMEOUT, ssl_context=tls)
        self._threads = ThreadPoolExecutor(AT_ONCE * 16, "api")

    def call(self, method: str, target: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Answer:
        """Sends one request; a body of bytes is a spreadsheet.

        Raises `Away` for a failed connection, a time-out and 5xx.
        """
        sent = {"Accept": "application/json", **(headers or {})}
        propagate.inject(sent)
        content = None
        if isinstance(body, bytes):
            content, sent["Content-Type"] = body, "text/csv"
        elif body is not None:
            content, sent["Content-Type"] = json.dumps(body).encode(), "application/json"
        try:
            got = self._pool.request(method, self._url + target, body=content, headers=sent)
        except urllib3.exceptions.HTTPError as error:
            raise Away(type(error).__name__) from error
        if got.status >= 500:
            raise Away(str(got.status))
        is_json = "json" in got.headers.get("Content-Type", "")
        return Answer(got.status, json.loads(got.data) if is_json and got.data else None, got.headers, got.data)

    def stream(self, target: str, headers: Mapping[str, str]) -> tuple[int, Iterator[bytes], Any]:
        """Opens a stream: status, chunks as they arrive, and an object to close. Raises `Away`."""
        try:
            got = self._pool.request("GET", self._url + target, headers=dict(headers), preload_content=False,
                                     timeout=STREAM_TIMEOUT)  # fmt: skip
        except urllib3.exceptions.HTTPError as error:
            raise Away(type(error).__name__) from error
        return got.status, _chunks(got), got

    def together(self, calls: Sequence[Any]) -> list[Any]:
        """The results of functions that run in parallel, in their order; raises what the first of them raised.

        Each runs in a copy of this thread's context, so that its calls belong to the trace of the page.
        """
        return [done.result() for done in [self._threads.submit(copy_context().run, call) for call in calls]]


def _chunks(got: Any) -> Iterator[bytes]:
    try:
        while chunk := got.read1(65536):
            yield chunk
    except urllib3.exceptions.HTTPError:
        return  # the API closed it, or was silent for too long: the browser connects again


@dataclass(frozen=True)
class Caller:
    """The API as one visitor sees it: with their token, language and address."""

    api: Api
    token: str = ""
    locale: str = "fr"
    address: str = ""
    operators: bool = False  # came in where operators do

    @property
    def headers(self) -> dict[str, str]:
        """The headers of every call."""
        own = {"Accept-Language": self.locale}
        if self.token:
            own["Authorization"] = f"Bearer {self.token}"
        if self.address:
            own["X-Forwarded-For"] = self.address
        if self.operators:
            own[FOR_OPERATORS] = "true"
        return own

    def read(self, *parts: object, **query: Any) -> Any:
        """The body of a resource. Raises `NotFound`, `SignedOut`, `Forbidden` or `Away`."""
        return self.answer("GET", path(*parts, **query)).body

    def maybe(self, *parts: object, **query: Any) -> Any:
        """The body of a resource, or None where there is none. Raises `SignedOut`, `Forbidden` or `Away`."""
        try:
            return self.read(*parts, **query)
        except NotFound:
            return None

    def items(self, *parts: object) -> list[Any]:
        """The items of every page of a list. Raises like `read`."""
        found: list[Any] = []
        cursor: str | None = ""
        while cursor is not None:
            page = self.read(*parts, limit=PAGE, cursor=cursor)
            found, cursor = [*found, *page["items"]], page["next_cursor"]
        return found

    def _items_if_any(self, *parts: object) -> list[Any] | None:
        try:
            return self.items(*parts)
        except NotFound:
            return None

    def every(self, *calls: tuple[Any, ...]) -> list[Any]:
        """Several resources at once, each a tuple of path parts, or all items where `ALL` ends it; None if absent."""

        def ask(parts: tuple[Any, ...]) -> Any:
            query = parts[-1] if isinstance(parts[-1], dict) else {}
            if query is ALL:
                return self._items_if_any(*parts[:-1])
            return self.maybe(*(part for part in parts if not isinstance(part, dict)), **query)

        return self.api.together([lambda parts=parts: ask(parts) for parts in calls])

    def do(self, method: str, *parts: object, body: Any = None, key: str = "", expected: str = "") -> Answer:
        """Asks for a deed; a refusal is a value. Raises like `read`.

        `key` makes a repetition the same deed. `expected` is the version that it may change: another one is `stale`.
        """
        conditions = {"Idempotency-Key": key, "If-Match": f'"{expected}"' if expected else ""}
        return self.answer(method, path(*parts), body, conditions, refusals=True)

    def answer(self, method: str, target: str, body: Any = None, conditions: Mapping[str, str] | None = None,
               refusals: bool = False) -> Answer:  # fmt: skip
        """Sends one request; with `refusals`, 404 and named refusals of 401 and 403 are values, too."""
        headers = self.headers | {name: value for name, value in (conditions or {}).items() if value}
        got = self.api.call(method, target, body, headers)
        if got.status == 401 and not (refusals and got.problem == "bad-credentials"):
            raise SignedOut
        if got.status == 403 and not (refusals and got.problem not in ("forbidden", "suspended")):
            raise Forbidden(got.problem)
        if got.status == 404 and not refusals:
            raise NotFound
        if got.status >= 400 and not refusals:
            raise NotFound if got.status in (400, 422) else Away(str(got.status))
        return got
