"""The operator's second factor: giving a code, enrolling an authenticator app, and recovery codes."""

from typing import Any

import segno
from flask import Response, make_response, render_template, request
from markupsafe import Markup

from web import visit as visits
from web.forms import Form, typed
from web.pages.ops.frame import give_code, pages, with_code
from web.visit import doing, go, local, parts, visit

routes = pages("factor")
SHOWN_S = 3600
"""Seconds for which a new secret is shown again after a wrong first code."""


@routes.route("/code", methods=["GET", "POST"])
def give() -> Any:
    """Asks for a code before the first page; who has no authenticator yet enrols one."""
    form = typed(request.form)
    if doing():
        if give_code(form):
            return go(local(form["next"], "/ops"))
    elif not _state()["confirmed_at"]:
        return go("/ops/factor")
    target = local(form["next"] or request.args.get("next", ""), "/ops")
    return render_template("ops/code.html", form=form, next=target), 422 if form.wrong else 200


@routes.get("/factor")
def factor() -> str:
    """Whether there is an authenticator, and what can be done."""
    return _page(Form())


def _page(form: Form, which: str = "") -> str:
    return render_template("ops/factor.html", factor=_state(), form=form, which=which)


def _state() -> Any:
    return visit().caller.read("operations", "factor")


@routes.post("/factor")
def begin() -> Any:
    """Draws a secret for an authenticator app and recovery codes, which are shown once."""
    form, words = typed(request.form), visit().words
    if not doing():
        return _page(Form(), "begin")
    answer = visit().caller.do("POST", "operations", "factor", body={"password": form["password"]})
    if answer.ok:
        return _enrolling(answer.body, Form())
    if answer.problem == "bad-credentials":
        form.miss("password", words.gettext("Ce mot de passe est incorrect."))
    else:
        form.refused(answer, words)
    return _page(form, "begin"), 422


@routes.post("/factor/confirmation")
def confirm() -> Any:
    """Makes the authenticator count with its first code."""
    form = typed(request.form)
    shown = parts().seal.open("factor", form["shown"], SHOWN_S)
    if shown is None:
        return go("/ops/factor")
    if not doing():
        return _enrolling(shown, Form())
    if give_code(form, "operations", "factor", "confirmation"):
        return go("/ops")
    return _enrolling(shown, form), 422


def _enrolling(shown: Any, form: Form) -> Response:
    secret = shown["secret"]
    groups = " ".join(secret[place : place + 4] for place in range(0, len(secret), 4))
    sealed = parts().seal.close("factor", shown)
    page = render_template("ops/enrol.html", shown=shown, picture=picture(shown["uri"]), groups=groups, sealed=sealed,
                           form=form)  # fmt: skip
    return _once(page)


def picture(uri: str) -> Markup:
    """The QR code of an address: black on white in any colour scheme, since not every app reads the inverse."""
    code = segno.make(uri, error="m", micro=False)
    return Markup(code.svg_inline(dark="#000", light="#fff", border=4, svgclass="qr", lineclass=None, omitsize=True))


@routes.post("/factor/recovery-codes")
def renew() -> Any:
    """Replaces the recovery codes, and shows the new ones once."""
    if not doing():
        return _page(Form(), "renew")
    form = typed(request.form)
    answer = with_code(form, "POST", "operations", "factor", "recovery-codes")
    if answer is None:
        return _page(form, "renew"), 422
    return _once(render_template("ops/recovery.html", codes=answer.body["recovery_codes"]))


@routes.post("/factor/removal")
def remove() -> Any:
    """Removes the authenticator, which ends every session of the operator."""
    if not doing():
        return _page(Form(), "remove")
    form = typed(request.form)
    if with_code(form, "DELETE", "operations", "factor") is None:
        return _page(form, "remove"), 422
    visits.sign_out()
    return go("/sign-in?next=/ops/factor")


def _once(page: str) -> Response:
    """A page with secrets: no copy of it stays in the browser."""
    answer = make_response(page)
    answer.headers["Cache-Control"] = "no-store"
    return answer
