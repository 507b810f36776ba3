"""Events that a service could not handle: how many wait, one, and replaying or dropping it with a reason."""

from typing import Any

from flask import render_template, request

from web import operated
from web.api import NotFound
from web.forms import typed
from web.pages.ops.frame import deed, listed, of_each, pages
from web.visit import doing, go, visit

routes = pages("letters")
PATH = "dead-letters"


def waiting() -> dict[str, int | None]:
    """How many wait in each service; None where it does not answer. Each is asked for its first row only."""
    found = of_each(PATH, state="waits", limit=1)
    return {service: page and page["waiting"] for service, page in found.items()}


@routes.get("/dead-letters")
def letters() -> str:
    """How many wait in each service, and the list of one: those that wait, the oldest first, or all of them."""
    counts = waiting()
    service = request.args.get("service", "")
    if service not in operated.SERVICE:
        service = next((name for name, count in counts.items() if count), "")
    state = "" if request.args.get("state") == "all" else "waits"
    page = listed(service, PATH, state=state) if service and counts[service] is not None else None
    return render_template("ops/dead_letters.html", counts=counts, service=service, state=state, page=page,
                           services=operated.SERVICE, states=operated.LETTER)  # fmt: skip


@routes.get("/dead-letters/<service>/<id>")
def letter(service: str, id: str) -> str:
    """One of them, as far as it may be read: no payload."""
    found = visit().caller.read("operations", _known(service), PATH, id)
    return render_template("ops/dead_letter.html", letter=found, service=service, services=operated.SERVICE,
                           states=operated.LETTER, done=request.args.get("done", ""))  # fmt: skip


@routes.route("/dead-letters/<service>/<id>/<any('replay', 'drop'):kind>", methods=["GET", "POST"])
def decide(service: str, id: str, kind: str) -> Any:
    """Asks for the reason of a deed, and asks the service for it."""
    form, here = typed(request.form), f"/ops/dead-letters/{_known(service)}/{id}"
    if doing():
        answer = deed(form, "POST", service, PATH, id, kind, body={"reason": form["reason"]})
        if answer is not None and answer.ok:
            return go(f"{here}?done={kind}")
        if answer is not None:
            form.refused(answer, visit().words)
    page = render_template("ops/dead_letter_deed.html", here=here, kind=kind, form=form)
    return page, 422 if form.wrong else 200


def _known(service: str) -> str:
    if service not in operated.SERVICE:
        raise NotFound
    return service
