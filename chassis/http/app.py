"""The Flask application factory."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint as FlaskBlueprint
from flask import Flask, Response, g, request
from flask_smorest import Api
from opentelemetry import trace
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pymongo.errors import PyMongoError

from chassis import telemetry
from chassis.http.auth import Keys
from chassis.http.drain import THIS_PROCESS
from chassis.http.problems import answer_errors
from chassis.http.proofs import Proofs
from chassis.http.remembered import Remembered
from chassis.http.revoked import Revocations
from chassis.mongo import Documents
from chassis.settings import Settings

MAX_BODY = 1024 * 1024
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
QUIET = {"/healthz", "/readyz", "/metrics"}


class _Api(Api):
    """flask-smorest without its error handlers; `chassis.http.problems` answers errors."""

    def _register_error_handlers(self) -> None:
        """Registers nothing: `answer_errors` has registered the handlers."""


class _App(Flask):
    """Flask without support for asynchronous views, which asks of each function at each request what it is."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function itself: all of ours are synchronous."""
        return func


def create_app(settings: Settings, database: Documents, blueprints: Sequence[FlaskBlueprint]) -> Flask:
    """Creates an application with these blueprints, problem+json errors, health, readiness, metrics and request logs.

    It refuses every request once this process drains (`chassis.http.drain`).
    """
    app = _App(settings.service, static_folder=None)
    app.config.update(
        MAX_CONTENT_LENGTH=MAX_BODY,
        API_TITLE=f"Relève: {settings.service}",
        API_VERSION="1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=None,
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions["releve_keys"] = Keys(settings.jwks_url, settings.tls.client())
    app.extensions["releve_remembered"] = Remembered()
    app.extensions["releve_revoked"] = Revocations(database)
    app.extensions["releve_proofs"] = Proofs(settings.second_factor, settings.step_up_life.total_seconds())
    answer_errors(app)
    app.register_blueprint(health(lambda: database.client.admin.command("hello")["isWritablePrimary"]))
    api = _Api(app)
    for blueprint in blueprints:
        api.register_blueprint(blueprint)
    observe(app, settings.service)
    app.after_request(guard_answer)
    THIS_PROCESS.guard(app)
    return app


def guard_answer(response: Response) -> Response:
    """Forbids content sniffing, and caching unless the view allows it."""
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def health(ready: Callable[[], bool]) -> FlaskBlueprint:
    """``/healthz`` (the process answers), ``/readyz`` (it can work) and ``/metrics``; Envoy exposes none of them."""
    blueprint = FlaskBlueprint("health", __name__)

    @blueprint.get("/healthz")
    def healthz() -> str:
        return "ok"

    @blueprint.get("/readyz")
    def readyz() -> tuple[str, int]:
        try:
            return ("ok", 200) if ready() else ("not ready", 503)
        except PyMongoError:
            return "the database is away", 503

    @blueprint.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)

    return blueprint


def observe(app: Flask, service: str) -> None:
    """Records a span, a log line and a duration for each request, by route and never with its content."""

    @app.before_request
    def begin() -> None:
        g.began = time.monotonic()
        parent = {"traceparent": request.headers["traceparent"]} if "traceparent" in request.headers else None
        g.span = telemetry.span(f"{service} {request.method} {request.url_rule or '?'}", parent)
        g.span.__enter__()

    @app.after_request
    def measure(response: Response) -> Response:
        route, seconds = str(request.url_rule or "?"), time.monotonic() - g.began
        method = request.method if request.method in METHODS else "other"
        telemetry.REQUESTS.labels(method, route, response.status_code).observe(seconds)
        context = trace.get_current_span().get_span_context()
        response.headers["X-Trace-Id"] = trace.format_trace_id(context.trace_id)
        if request.path not in QUIET:
            ids = {name: value for name, value in (request.view_args or {}).items() if name.endswith("id")}
            telemetry.log.info(
                "request",
                method=request.method,
                route=route,
                ids=list(ids.values()),
                status=response.status_code,
                ms=round(seconds * 1000, 1),
            )
        return response

    @app.teardown_request
    def end(_error: BaseException | None) -> None:
        if "span" in g:
            g.pop("span").__exit__(None, None, None)
