"""Sign-up, sign-in, lost passwords, and a person's own account."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, render_template, request

from chassis.http.origin import caller_address
from web import visit as visits
from web.downloads import as_json
from web.forms import Form, prefilled, refusal, secret_of, typed
from web.pages.home import tasks
from web.visit import SIGN_IN_S, doing, form_key, go, local, parts, signed_in, visit

routes = Blueprint("account", __name__)
OLD_LINK = "Ce lien a servi, ou il est trop ancien. Demandez-en un autre."
LINKS = {
    "stay": ("erasure-stop",),
    "email-confirmation": ("email", "confirmation"),
    "email-undo": ("email", "undo"),
}
"""The resource of each mail's link below `/api/accounts`."""
EXPORTS = ("accounts", "projects", "mentors", "quotes", "programmes", "notifications")


def _people() -> list[dict[str, str]]:
    """Sample accounts to look around as; only the embedded default has any."""
    if not parts().config.people:
        return []
    try:
        found = json.loads(Path(parts().config.people).read_text())
        password = found["password"]
        people = [("client", found["client"]), ("mentor", found["mentor"]),
                  *(("mentor", email) for email in found["others"]),
                  *([("operator", found["operator"])] if "operator" in found else [])]  # fmt: skip
    except (OSError, ValueError, KeyError):
        return []
    return [{"role": role, "email": email, "password": password} for role, email in people]


@routes.get("/sign-in")
def sign_in() -> Any:
    """The form to sign in, with what was typed when a session ended."""
    if visit().session:
        return go(local(request.args.get("next", "")))
    return _sign_in_page(prefilled({"email": request.args.get("email", "")}), request.args.get("next", ""))


@routes.post("/sign-in")
def sign_in_now() -> Any:
    """Opens a session; a text that waited for it is shown again, unsent."""
    form, caller = typed(request.form), visit().caller
    answer = caller.do("POST", "sessions", body={"email": form["email"].strip(), "password": form["password"]})
    if not answer.ok:
        form.problem = refusal(answer, visit().words)
        return _sign_in_page(form, form["next"], form["typed"]), 422
    visits.sign_in(parts().sessions.begun(answer.body, visit().words.locale, caller_address()))
    kept = parts().seal.open("typed", form["typed"], SIGN_IN_S) if form["typed"] else None
    session = visit().session
    if kept and session and kept["account"] in ("", session.account):
        return render_template("account/resume.html", kept=kept)
    return go(local(form["next"]))


def _sign_in_page(form: Form, target: str, kept: str = "") -> str:
    return render_template("account/sign_in.html", form=form, next=local(target, ""), typed=kept,
                           ended=request.args.get("ended"), people=_people())  # fmt: skip


@routes.post("/sign-out")
def sign_out() -> Response:
    """Ends the session here and at the API."""
    if visit().session:
        visit().caller.answer("DELETE", "/api/sessions/current", refusals=True)
    visits.sign_out()
    answer = go("/")
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@routes.get("/sign-up")
def sign_up() -> str:
    """The form to register."""
    return render_template("account/sign_up.html", form=prefilled({"role": request.args.get("as", "client")}))


@routes.post("/sign-up")
def sign_up_now() -> Any:
    """Registers. Where addresses are verified, the next step is in the person's mails."""
    form, words, caller = typed(request.form), visit().words, visit().caller
    body = {name: form[name] for name in ("email", "password", "role", "display_name")} | {"locale": words.locale}
    answer = caller.do("POST", "accounts", body=body)
    if not answer.ok:
        return render_template("account/sign_up.html", form=form.refused(answer, words)), 422
    session = caller.do("POST", "sessions", body={"email": form["email"], "password": form["password"]})
    if not session.ok:
        return go("/sign-up/mail")
    visits.sign_in(parts().sessions.begun(session.body, words.locale, caller_address()))
    return go("/organisation?first=1" if form["role"] == "client" else "/profile")


@routes.get("/sign-up/mail")
def look_at_mails() -> str:
    """What comes after registering where addresses are verified."""
    return render_template("account/mail.html", kind="verify")


@routes.route("/forgotten", methods=["GET", "POST"])
def forgotten() -> Any:
    """Asks for a mail with a link to a new password; never tells whether there is an account."""
    if request.method == "GET":
        return render_template("account/forgotten.html", form=prefilled({"email": request.args.get("email", "")}))
    form = typed(request.form)
    answer = visit().caller.do("POST", "accounts", "password-reset", body={"email": form["email"]})
    if not answer.ok:
        return render_template("account/forgotten.html", form=form.refused(answer, visit().words)), 422
    return render_template("account/mail.html", kind="reset")


@routes.route("/verify", methods=["GET", "POST"])
def verify() -> Any:
    """Confirms an address. The link's secret is in the fragment, which a script puts into the form."""
    form = typed(request.form)
    if request.method == "GET":
        return render_template("account/verify.html", form=form)
    body = {"password": form["password"]} if form["password"] else {}
    answer = visit().caller.do("POST", "accounts", "verification", secret_of(form["token"]), body=body)
    if answer.ok:
        return render_template("account/done.html", kind="verified")
    if answer.status == 404:
        form.problem = visit().words.gettext(OLD_LINK)
    return render_template("account/verify.html", form=form.refused(answer, visit().words)), 422


@routes.route("/<any(stay, 'email-confirmation', 'email-undo'):kind>", methods=["GET", "POST"])
def follow(kind: str) -> Any:
    """The page of a mail's link that needs one button: to stay, to confirm a new address, or to undo one."""
    form = typed(request.form)
    if request.method == "POST":
        answer = visit().caller.do("POST", "accounts", *LINKS[kind], secret_of(form["token"]), body={})
        if answer.ok:
            return render_template("account/done.html", kind=kind)
        form.problem = visit().words.gettext(OLD_LINK)
    return render_template("account/link.html", form=form, kind=kind), 422 if form.wrong else 200


@routes.route("/reset", methods=["GET", "POST"])
def reset() -> Any:
    """Sets a new password with the link of a mail."""
    form, words = typed(request.form), visit().words
    if request.method == "GET":
        return render_template("account/reset.html", form=form)
    answer = visit().caller.do("POST", "accounts", "password-reset", secret_of(form["token"]),
                               body={"password": form["password"]})  # fmt: skip
    if answer.ok:
        return render_template("account/done.html", kind="reset")
    if answer.status == 404:
        form.problem = words.gettext(OLD_LINK)
    return render_template("account/reset.html", form=form.refused(answer, words)), 422


@routes.get("/home")
@signed_in()
def home() -> Any:
    """What waits for this person, first things first."""
    if visit().role == "operator":
        return go("/ops") if visit().caller.operators else render_template("home_operator.html")
    return render_template("home.html", tasks=tasks(visit()))


@routes.get("/account")
@signed_in()
def account() -> str:
    """Name, language, password, sessions, data and the end."""
    return _account_page(Form())


def _account_page(form: Form, which: str = "") -> str:
    me, sessions = visit().caller.every(("accounts", "me"), ("sessions",))
    return render_template("account/account.html", me=me, sessions=(sessions or {}).get("items", []), form=form,
                           which=which, done=request.args.get("done", ""))  # fmt: skip


@routes.post("/account")
@signed_in()
def change_account() -> Any:
    """Changes the name and the language."""
    form = typed(request.form)
    if not doing():
        return _account_page(form, "me")
    body = {"display_name": form["display_name"], "locale": form["locale"]}
    answer = visit().caller.do("PATCH", "accounts", "me", body=body)
    if not answer.ok:
        return _account_page(form.refused(answer, visit().words), "me"), 422
    _renew(display_name=answer.body["display_name"], locale=answer.body["locale"])
    return go("/account?done=saved")


def _renew(display_name: str, locale: str) -> None:
    if session := visit().session:
        visits.sign_in(replace(session, name=display_name, locale=locale))


@routes.post("/account/password")
@signed_in()
def change_password() -> Any:
    """Changes the password; all other sessions end."""
    form, words = typed(request.form), visit().words
    if not doing():
        return _account_page(form, "password")
    body = {"password": form["password"], "new_password": form["new_password"]}
    answer = visit().caller.do("PUT", "accounts", "me", "password", body=body)
    if answer.ok:
        return go("/account?done=password")
    return _account_page(form.refused(answer, words), "password"), 422


@routes.post("/account/sessions/<session>/end")
@signed_in()
def end_session(session: str) -> Any:
    """Ends one of the person's sessions."""
    visit().caller.do("DELETE", "sessions", session)
    return go("/account?done=ended")


@routes.get("/account/export")
@signed_in()
def export() -> Response:
    """Everything that every service holds of this person, as one file."""
    found = visit().caller.every(*((name, "export") for name in EXPORTS))
    return as_json(dict(zip(EXPORTS, found, strict=True)))


@routes.route("/account/erasure", methods=["GET", "POST"])
@signed_in()
def erase() -> Any:
    """Says what erasing means, and asks for the password."""
    form = typed(request.form)
    if not doing():
        return render_template("account/erase.html", form=form)
    answer = visit().caller.do("POST", "accounts", "me", "erasure", body={"password": form["password"]}, key=form_key())
    if not answer.ok:
        form.refused(answer, visit().words)
        return render_template("account/erase.html", form=form), 422
    at = visit().words.moment(answer.body["at"])
    visits.sign_out()
    return render_template("account/erased.html", at=at)
