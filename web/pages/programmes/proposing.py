"""The proposal of pairs: reasons, second best, lock and forbid, what changed; and its publication."""

from typing import Any

from flask import Blueprint, render_template, request

from web.api import Answer, NotFound
from web.forms import Form, refusal, typed
from web.pages.programmes.common import owned, people
from web.visit import doing, form_key, go, signed_in, visit

routes = Blueprint("proposing", __name__)
MARKS = {
    "lock": {"locked": True}, "forbid": {"forbidden": True}, "free": {}, "second": {"locked": True},
}  # fmt: skip
"""What each button decides about two people."""


@routes.route("/programmes/<id>/proposal", methods=["GET", "POST"])
@signed_in("client")
def proposal(id: str) -> Any:
    """The proposal, or how far the solver is; asks for one, or decides about two people, as the button says."""
    form, found, caller = Form(), owned(id), visit().caller
    deed = request.form.get("_do", "")
    if doing() and deed in MARKS:
        return go(f"/programmes/{id}/proposal?done={_mark(id, MARKS[deed])}")
    answer = caller.do("POST" if doing() else "GET", "programmes", id, "proposal")
    if doing() and answer.ok:
        return go(f"/programmes/{id}/proposal")
    body = answer.body or {}
    if answer.status == 404:
        raise NotFound
    if answer.problem in ("infeasible", "proposal-missing") or answer.ok:
        problem = answer.problem
    else:
        problem, form.problem = "proposal-missing", refusal(answer, visit().words)
    page = render_template(
        "programmes/proposal.html", programme=found, proposal=body, problem=problem, form=form, people=people(id),
        added=_couples(body, "added"), removed=_couples(body, "removed"), done=request.args.get("done", ""),
    )  # fmt: skip
    return page, 409 if form.problem else 200


def _mark(id: str, decided: dict[str, bool]) -> str:
    """Decides about two people; what the next page says about it."""
    form = typed(request.form)
    target = ("programmes", id, "pairs", form["mentor"], form["mentee"])
    return "marked" if visit().caller.do("PUT", *target, body=decided).ok else "refused"


def _couples(proposal: Any, change: str) -> list[tuple[str, str]]:
    """The pairs that came or went with this proposal; none of a first one, in which every pair is new."""
    changes = proposal.get("changes", [])
    if all(one["change"] == "added" for one in changes):
        return []
    return [(one["mentor"], one["mentee"]) for one in changes if one["change"] == change]


@routes.route("/programmes/<id>/publication", methods=["GET", "POST"])
@signed_in("client")
def publication(id: str) -> Any:
    """Says exactly who will learn what, and then publishes."""
    here, form, found = visit(), typed(request.form), owned(id)
    if doing():
        body = {"with_unpaired": form.has("with_unpaired", "on")}
        answer = here.caller.do("POST", "programmes", id, "publication", body=body, key=form_key())
        if answer.ok:
            return go(f"/programmes/{id}?done=published")
        form.problem = _refusal(answer, found["kind"])
    proposal = here.caller.do("GET", "programmes", id, "proposal")
    if not proposal.ok or proposal.body["state"] != "ready":
        return go(f"/programmes/{id}/proposal")
    page = render_template("programmes/publication.html", programme=found, proposal=proposal.body, form=form,
                           people=people(id))  # fmt: skip
    return page, 409 if form.problem else 200


def _refusal(answer: Answer, kind: str) -> str:
    """Why it was not published; who would stay alone is on the page already."""
    words = visit().words
    if answer.problem != "infeasible":
        return refusal(answer, words)
    if kind == "challenge":
        return words.gettext("Des personnes resteraient sans équipe. Cochez la case pour publier quand même.")
    return words.gettext("Des personnes resteraient sans binôme. Cochez la case pour publier quand même.")
