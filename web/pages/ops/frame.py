"""What the operators' pages share: who may see them, a page of a list, and deeds that need a recent code."""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, request

from web import operated
from web import visit as visits
from web.api import Answer, Away, NotFound, SignedOut
from web.forms import Form
from web.visit import form_key, visit

PAGE = 30
AGAIN = ("second-factor-required", "step-up-required")
"""Refusals of a deed that a code lifts."""


def pages(name: str) -> Blueprint:
    """A blueprint below `/ops`, for operators who came in where operators do; for all others nothing is there."""
    routes = Blueprint(f"ops_{name}", __name__, url_prefix="/ops")

    @routes.before_request
    def refuse_others() -> None:
        if not visit().caller.operators:
            raise NotFound
        if visit().session is None:
            raise SignedOut
        if visit().role != "operator":
            raise NotFound

    return routes


def listed(*parts: str, **query: str) -> Any:
    """The page of a list of operations that the address asks for."""
    return visit().caller.read("operations", *parts, limit=PAGE, cursor=request.args.get("cursor", ""), **query)


def of_each(*parts: str, each: Mapping[str, dict[str, str]] | None = None, **query: Any) -> dict[str, Any]:
    """The same resource of every service, all asked at once; None of a service that does not answer.

    ``each`` names fewer services, each with more of the query.
    """
    caller, more = visit().caller, {one: dict[str, str]() for one in operated.SERVICE} if each is None else each

    def ask(service: str) -> Any:
        try:
            return caller.maybe("operations", service, *parts, **query, **more[service])
        except Away:
            return None

    answers = caller.api.together([lambda one=one: ask(one) for one in more])
    return dict(zip(more, answers, strict=True))


def deed(form: Form, method: str, *parts: str, body: dict[str, str]) -> Answer | None:
    """Does what a form asks for, and raises the session first if it has a code; None if a code is still needed.

    What is wrong stands in the form, and what was typed stays: a deed whose code is too old is sent again with one.
    """
    if form["code"] and not give_code(form):
        return None
    answer = visit().caller.do(method, "operations", *parts, body=body, key=form_key())
    if answer.problem in AGAIN:
        form.miss("code", visit().words.gettext("Donnez un code récent de votre application pour cet acte."))
        return None
    return answer


def give_code(form: Form, *parts: str) -> bool:
    """Raises the session with the code of a form, at this resource or by stepping up; False with messages in it."""
    answer, session = with_code(form, "POST", *(parts or ("sessions", "current", "step-up"))), visit().session
    if answer is None or session is None:
        return False
    token, life = answer.body["access_token"], answer.body["expires_in"]
    visits.sign_in(replace(session, access=token, ends=time.time() + life))
    return True


def with_code(form: Form, method: str, *parts: str) -> Answer | None:
    """The answer to a call that takes only a code; None, with messages in the form, if it was not accepted."""
    words = visit().words
    answer = visit().caller.do(method, *parts, body={"code": "".join(form["code"].split())})
    if answer.ok:
        return answer
    if answer.problem == "bad-credentials":
        form.miss("code", words.gettext("Ce code est faux, a déjà servi, ou n'est plus valable. Attendez le suivant."))
    else:
        form.refused(answer, words)
    return None
