"""Answers every error as RFC 9457 problem+json, with one table that maps refusals to HTTP statuses."""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

from flask import Flask, Response, json, request
from werkzeug.exceptions import HTTPException

from chassis import telemetry
from chassis.facts import Refusal, wrong
from chassis.http.codes import INVALID, coded
from chassis.http.proofs import challenge_of
from chassis.mongo import is_outage

STATUS = {
    "malformed": 400,
    "unauthenticated": 401,
    "bad-credentials": 401,
    "forbidden": 403,
    "suspended": 403,
    "unverified": 403,
    "second-factor-required": 403,
    "step-up-required": 403,
    "factor-locked": 403,
    "not-found": 404,
    "method-not-allowed": 405,
    "stale": 412,
    "too-large": 413,
    "not-json": 415,
    "invalid": 422,
    "identity-leak": 422,
    "contact-data": 422,
    "unknown-quote": 422,
    "idempotency-mismatch": 422,
    "rate-limited": 429,
    "too-many-postings": 429,
    "too-many-claims": 429,
    "too-many-quotes": 429,
    "internal": 500,
    "unavailable": 503,
}
"""The status of each refusal. One that is not listed is a rule about the state: 409."""

TITLES = {
    "malformed": "The request cannot be read",
    "unauthenticated": "Sign in first",
    "forbidden": "Your role may not do this",
    "not-found": "Not found",
    "method-not-allowed": "This address takes other methods",
    "stale": "It has changed since you read it",
    "too-large": "The body is too large",
    "not-json": "The body must be JSON",
    "invalid": "Some fields are not valid",
    "rate-limited": "Too many requests",
    "internal": "Something failed on our side",
    "unavailable": "Part of the service is away for a moment",
}
BY_STATUS = {400: "malformed", 401: "unauthenticated", 403: "forbidden", 404: "not-found"} | {
    405: "method-not-allowed",
    413: "too-large",
    415: "not-json",
    422: "invalid",
    429: "rate-limited",
}


MOST_ERRORS = 200
"""Maximum number of errors in one answer. The rest appear once these are fixed."""
LONGEST_FIELD = 200
"""Maximum length of a field's name in an error, in characters; an unknown field's name may be as long as the body."""


UNNAMED = "refusal_not_named"
"""The log event for a refusal that the API's document does not name for its route; tests look for it."""


def _is_named(name: str, view: Callable[..., Any]) -> bool:
    return name in TITLES or name.startswith("idempotency-") or name in getattr(view, "refusals", ())


def problem_body(refusal: Refusal) -> dict[str, Any]:
    """The members of the problem that a refusal is answered with."""
    status = STATUS.get(refusal.name, 409)
    body: dict[str, Any] = {
        "type": f"urn:releve:problem:{refusal.name}",
        "title": TITLES.get(refusal.name, refusal.name.replace("-", " ").capitalize()),
        "status": status,
        "detail": refusal.detail,
        **refusal.extra,
    }
    if status == 422:
        body["errors"] = [_whole(error) for error in refusal.errors[:MOST_ERRORS]]
    return body


def _whole(error: Mapping[str, Any]) -> dict[str, Any]:
    """The error with a code and params, which refusals kept by an older version lack."""
    field = error["field"][:LONGEST_FIELD]
    return wrong(field, error.get("code", INVALID), error["message"], **error.get("params", {}))


def problem(refusal: Refusal) -> Response:
    """The problem+json response for a refusal."""
    body, status = problem_body(refusal), STATUS.get(refusal.name, 409)
    response = Response(json.dumps(body), status, content_type="application/problem+json")
    if refusal.retry_after is not None:
        response.headers["Retry-After"] = str(refusal.retry_after)
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    elif "acr_values" in refusal.extra:
        response.headers["WWW-Authenticate"] = challenge_of(refusal)
    return response


def flatten(messages: Any, path: str = "") -> Iterator[dict[str, Any]]:
    """Flattens Marshmallow's nested messages to ``{"field": "price.amount", "code": …, "params": …, "message": …}``."""
    if isinstance(messages, Mapping):
        for name, below in messages.items():
            skip = not path and name in ("json", "query", "_schema")
            yield from flatten(below, path if skip or name == "_schema" else f"{path}.{name}".lstrip("."))
    elif isinstance(messages, (list, tuple)):
        for message in messages:
            yield from flatten(message, path)
    else:
        message = coded(messages)
        yield wrong(path, message.code, str(message), **message.params)


def answer_errors(app: Flask) -> None:
    """Registers the error handlers on ``app``. No stack trace and no exception's text reaches a client."""

    @app.errorhandler(Refusal)
    def refused(refusal: Refusal) -> Response:
        view = app.view_functions.get(request.endpoint or "")
        if view is not None and not _is_named(refusal.name, view):
            telemetry.log.error(UNNAMED, refusal=refusal.name, route=str(request.url_rule))
        return problem(refusal)

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        name = BY_STATUS.get(error.code or 500, "internal")
        messages = getattr(error, "data", {}).get("messages", {})
        response = problem(Refusal(name, errors=list(islice(flatten(messages), MOST_ERRORS))))
        response.status_code = error.code or 500
        if error.code == 405 and (allow := error.get_response().headers.get("Allow")):
            response.headers["Allow"] = allow
        return response

    @app.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        if is_outage(error):
            telemetry.log.warning("database_away", error=telemetry.error_name(error))
            return problem(Refusal("unavailable", "Please try again in a moment.", retry_after=2))
        telemetry.log.error("request_failed", error=telemetry.error_name(error), place=telemetry.error_place(error))
        return problem(Refusal("internal", "It has been noted; please try again later."))
