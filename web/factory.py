"""The application: its pages, its templates, and the answer to everything that goes wrong."""

import secrets
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, g, render_template, request, url_for
from werkzeug.exceptions import HTTPException

from chassis import telemetry
from chassis.http.app import MAX_BODY, health, observe
from chassis.http.drain import THIS_PROCESS
from web import guard, passes, static, visit, words
from web.api import Api, Away, Forbidden, NotFound, SignedOut
from web.config import Config
from web.pages import BLUEPRINTS
from web.session import Seal, Sessions
from web.visit import Parts
from web.vocabulary import Vocabulary


def create_app(config: Config) -> Flask:
    """Creates the application."""
    app = Flask("web", static_folder=None, template_folder="templates")
    app.config["MAX_CONTENT_LENGTH"] = app.config["MAX_FORM_MEMORY_SIZE"] = MAX_BODY
    api, seal = Api(config.api, config.tls.client()), Seal(config.keys)
    app.extensions["web"] = Parts(config, api, seal, Sessions(api, seal), Vocabulary())
    app.register_blueprint(health(lambda: True))
    observe(app, "web")
    THIS_PROCESS.guard(app)
    guard.guard(app, exempt=("notifications.unsubscribe",))
    static.serve(app)
    _visits(app)
    _words(app)
    _answers(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    _load(app)
    return app


def _visits(app: Flask) -> None:
    plain = ("static", "health.healthz", "health.readyz", "health.metrics")

    @app.before_request
    def begin() -> None:
        if request.endpoint not in plain:
            visit.begin()

    @app.after_request
    def finish(response: Response) -> Response:
        return visit.finish(response) if "visit" in g else response


def _words(app: Flask) -> None:
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: g.visit.words.gettext(text),
        lambda one, many, number: g.visit.words.ngettext(one, many, number),
        newstyle=True,
    )

    @app.context_processor
    def shared() -> dict[str, Any]:
        here: visit.Visit = g.visit
        return {
            "visit": here, "session": here.session, "role": here.role, "words": here.words, "now": here.now,
            "nonce": secrets.token_urlsafe(12), "asset": static.address, "path": request.path,
            "public": visit.parts().config.public, "guest": passes.held(),
        }  # fmt: skip


def _load(app: Flask) -> None:
    """Reads translations and compiles templates now, so that no visitor waits for them."""
    words.load()
    for name in app.jinja_env.list_templates():
        app.jinja_env.get_template(name)


def _answers(app: Flask) -> None:
    @app.errorhandler(SignedOut)
    def signed_out(_error: SignedOut) -> Response | tuple[str, int]:
        """Asks to sign in. What was typed waits, sealed for its account, and comes back unsent."""
        session = visit.visit().session
        visit.sign_out()
        kept = visit.unsent()
        if not kept:  # a page, or a button without a text
            back = urlsplit(request.referrer or "").path if request.method == "POST" else request.full_path.rstrip("?")
            return visit.go(url_for("account.sign_in", next=back, ended=session and 1))
        sealed = visit.parts().seal.close(
            "typed", {"path": request.path, "form": kept, "account": session.account if session else ""}
        )
        return render_template("account/sign_in.html", form=None, next="", typed=sealed, ended=True, people=[]), 401

    @app.errorhandler(NotFound)
    def not_found(_error: NotFound) -> tuple[str, int]:
        return page("not_found", 404)

    @app.errorhandler(Forbidden)
    def forbidden(error: Forbidden) -> Response | tuple[str, int]:
        if error.name == "second-factor-required":
            return visit.go(url_for("ops_factor.give", next=request.full_path.rstrip("?")))
        return page("suspended" if error.name == "suspended" else "not_found", 403)

    @app.errorhandler(Away)
    def away(error: Away) -> tuple[str, int]:
        telemetry.log.warning("api_away", reason=str(error))
        return page("away", 503)

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Any:
        if error.code is None or error.code < 400:
            return error.get_response()
        return page({403: "forged", 404: "not_found", 405: "not_found", 413: "too_large"}.get(error.code, "failed"),
                    error.code)  # fmt: skip

    @app.errorhandler(Exception)
    def failed(error: Exception) -> tuple[str, int]:
        telemetry.log.error("request_failed", error=telemetry.error_name(error), place=telemetry.error_place(error))
        return page("failed", 500)

    def page(kind: str, status: int) -> tuple[str, int]:
        if "visit" not in g:
            visit.arrive(None)
        return render_template("problem.html", kind=kind, status=status), status
