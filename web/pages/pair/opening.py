"""Opening the link of a mail: its secret becomes a pass, which no page ever shows."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Blueprint, make_response, render_template, request

from chassis.http.origin import caller_address
from web import passes
from web.api import Caller, SignedOut
from web.forms import Form, refusal, secret_of, typed
from web.passes import Pass
from web.visit import SIGN_IN_S, go, parts, remember_part, unsent, visit

View = TypeVar("View", bound=Callable[..., Any])
routes = Blueprint("opening", __name__)


def taking_part(view: View) -> View:
    """Lets in the holder of the programme's pass, or else an account. A text typed without either waits, sealed."""

    @wraps(view)
    def checked(id: str, *args: Any, **kwargs: Any) -> Any:
        taken = passes.held()
        mine = taken if taken and taken.programme == id else None
        if mine:
            passes.use(mine)
        elif visit().session is None:
            return _link_needed(id)
        try:
            page = view(id, *args, **kwargs)
        except SignedOut:
            if mine is None:
                raise
            return _link_needed(id)
        if mine is None:
            remember_part()
        return page

    return checked  # type: ignore[return-value]


def _link_needed(id: str) -> Any:
    kept = unsent()
    sealed = parts().seal.close("pair", {"path": request.path, "form": kept, "programme": id}) if kept else ""
    page = render_template("pair/open.html", form=Form(), typed=sealed, ended=True, taken=None, renewed=False)
    return passes.drop(make_response(page, 401))


@routes.get("/pair")
def pair() -> str:
    """The page that the mail's link leads to; a script puts the secret behind the # into the form."""
    return _page(Form())


@routes.post("/pair")
def open_link() -> Any:
    """Exchanges the link for a pass, or asks for a new link by mail, as the button says."""
    form, caller = typed(request.form), _anybody()
    token = secret_of(form["token"])
    if request.form.get("_do") == "renew":
        answer = caller.do("POST", "programmes", "passes", "renewal", body={"token": token})
        form.problem = "" if answer.ok else refusal(answer, visit().words)
        return _page(form, renewed=answer.ok), 200 if answer.ok else 422
    answer = caller.do("POST", "programmes", "passes", body={"token": token})
    if not answer.ok:
        form.problem = refusal(answer, visit().words)
        if answer.status == 404:
            form.problem = visit().words.gettext("Ce lien est trop ancien, ou il n'est pas entier.")
        return _page(form), 422
    return _opened(answer.body, form["typed"])


def _anybody() -> Caller:
    """A caller without the account's token: opening a link must not tie the account to a participant."""
    return Caller(parts().api, "", visit().words.locale, caller_address())


def _opened(given: Any, sealed: str) -> Any:
    """Keeps the pass. A text that waited for it is shown again, unsent."""
    id, seconds = given["programme_id"], given["expires_in"]
    me = Caller(parts().api, given["access_token"], "fr", caller_address()).read("programmes", id, "me")
    taken = Pass(given["access_token"], id, me["locale"], me["timezone"])
    kept = parts().seal.open("pair", sealed, SIGN_IN_S) if sealed else None
    if kept and kept["programme"] == id:
        return passes.hold(make_response(render_template("account/resume.html", kept=kept)), taken, seconds)
    return passes.hold(go(f"/pair/{id}"), taken, seconds)


def _page(form: Form, renewed: bool = False) -> str:
    return render_template("pair/open.html", form=form, typed=form["typed"], ended=False, taken=passes.held(),
                           renewed=renewed)  # fmt: skip
