"""A participant's challenge: the wish for one, their team, its contributions, and the board that compares nobody."""

import base64
from typing import Any

from flask import Blueprint, Response, render_template, request

from web.api import NotFound
from web.forms import Form, refusal, typed
from web.pages.pair.opening import taking_part
from web.pages.programmes.common import picture_of
from web.visit import doing, form_key, go, visit

routes = Blueprint("teaming", __name__)
CHALLENGE = "/pair/<id>/challenges/<challenge>"
MOST_BYTES = 700_000
"""Bytes of a picture, as the API takes it."""


@routes.post("/pair/<id>/wish")
@taking_part
def wish(id: str) -> Any:
    """Records which challenge the person would like to take up, or that any will do."""
    wished = typed(request.form)["challenge"] or None
    answer = visit().caller.do("PATCH", "programmes", id, "me", body={"wished_challenge": wished})
    return go(f"/pair/{id}?done={'wished' if answer.ok else 'refused'}")


@routes.route(CHALLENGE, methods=["GET", "POST"])
@taking_part
def challenge(id: str, challenge: str) -> Any:
    """What was done for a challenge; members of its teams add a link, a text or a picture."""
    form = typed(request.form)
    if doing():
        body = _body(form)
        if not form.wrong:
            target = ("programmes", id, "challenges", challenge, "contributions")
            answer = visit().caller.do("POST", *target, body=body, key=form_key())
            if answer.ok:
                return go(f"/pair/{id}/challenges/{challenge}?done=added")
            form.refused(answer, visit().words)
    return _page(id, challenge, form), 422 if form.wrong else 200


def _page(id: str, challenge: str, form: Form) -> str:
    target = ("programmes", id, "challenges", challenge)
    found, one, board, teams = visit().caller.every(
        ("programmes", id), target, (*target, "board"), ("programmes", id, "teams")
    )
    if not found or not one or not board:
        raise NotFound
    mine = [team for team in (teams or {}).get("items", []) if team["challenge"] == challenge]
    return render_template(
        "pair/challenge.html", programme=found, challenge=one, board=board, teams=mine, form=form, most=MOST_BYTES,
        done=request.args.get("done", ""),
    )  # fmt: skip


def _body(form: Form) -> dict[str, Any]:
    """The body of a contribution, of the kind that was filled in; what cannot be sent has its message in the form."""
    words, sent = visit().words, request.files.get("picture")
    picture = sent.read() if sent else b""
    url = form["url"].strip()
    body: dict[str, Any] = {"text": form["text"], "milestone": form["milestone"] or None}
    if picture and url:
        form.miss("url", words.gettext("Un lien ou une image, pas les deux à la fois."))
    if len(picture) > MOST_BYTES:
        form.miss("picture", words.gettext("Cette image est trop grande : 700 ko au plus."))
    if picture:
        return body | {"kind": "picture", "picture": base64.b64encode(picture).decode()}
    return body | ({"kind": "link", "url": url} if url else {"kind": "text"})


@routes.post(f"{CHALLENGE}/contributions/<contribution>/remove")
@taking_part
def withdraw(id: str, challenge: str, contribution: str) -> Any:
    """Withdraws the person's own contribution."""
    target = ("programmes", id, "challenges", challenge)
    answer = visit().caller.do("DELETE", *target, "contributions", contribution)
    if answer.ok:
        return go(f"/pair/{id}/challenges/{challenge}?done=removed")
    return _page(id, challenge, Form(problem=refusal(answer, visit().words))), 409


@routes.get(f"{CHALLENGE}/contributions/<contribution>/picture")
@taking_part
def picture(id: str, challenge: str, contribution: str) -> Response:
    """The picture of a contribution."""
    return picture_of(id, challenge, contribution)
