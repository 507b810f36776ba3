"""Pages for everybody: what Relève is, what it promises, and what it cannot."""

from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request

from web.visit import go, local, visit
from web.words import LOCALES

routes = Blueprint("public", __name__)
A_YEAR_S = 365 * 24 * 3600


@routes.get("/")
def landing() -> Any:
    """What this is, in one screen."""
    return redirect("/home") if visit().session else render_template("public/landing.html")


@routes.get("/<any(fr, en):locale>")
def landing_in(locale: str) -> Any:
    """The landing page in one language."""
    visit().words.locale = locale
    return _with_language(render_template("public/landing.html"), locale)


@routes.get("/how")
def how() -> str:
    """How a round goes, and what anonymity cannot do."""
    return render_template("public/how.html")


@routes.get("/<any(privacy, accessibility, legal):name>")
def about(name: str) -> str:
    """Privacy, accessibility and legal notices."""
    return render_template(f"public/{name}.html")


@routes.post("/language")
def language() -> Any:
    """Keeps a stranger's language in a cookie, or changes that of the account."""
    asked = request.form.get("lang", "")
    target = local(request.form.get("next", "/"), "/")
    if asked not in LOCALES:
        return go(target)
    return _with_language(go("/" if target in ("/fr", "/en") else target), asked)


def _with_language(answer: Any, locale: str) -> Any:
    made = make_response(answer)
    made.set_cookie("lang", locale, max_age=A_YEAR_S, samesite="Lax", httponly=True)
    return made
