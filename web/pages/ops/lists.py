"""What may need an operator: lists of ids, counts and times, without a name, a price or a text."""

from flask import render_template

from web import operated, present
from web.pages.ops.frame import listed, pages
from web.pages.ops.letters import waiting
from web.visit import visit

routes = pages("lists")
COUNTED = 200


@routes.get("")
def overview() -> str:
    """What waits. A list of people is asked for its first row only: the audit trail names everybody whom it showed."""
    rounds, unlikely, projects, reports, erasures = visit().caller.every(
        ("operations", "rounds", {"limit": COUNTED}),
        ("operations", "matching", "unlikely", {"limit": COUNTED}),
        ("operations", "projects", {"limit": COUNTED}),
        ("operations", "reports", {"state": "open", "limit": 1}),
        ("operations", "accounts", "erasures", {"limit": 1}),
    )
    return render_template("ops/overview.html", rounds=rounds, unlikely=unlikely, projects=projects, reports=reports,
                           erasures=erasures, letters=waiting())  # fmt: skip


@routes.get("/rounds")
def rounds() -> str:
    """Open rounds that may end with too few quotes, soonest first."""
    return render_template("ops/rounds.html", page=listed("rounds"))


@routes.get("/flags")
def flags() -> str:
    """Quotes that look like abuse, newest first; neither a word nor a price of them."""
    page = listed("rounds", "flags")
    return render_template("ops/flags.html", page=page, reasons=operated.FLAG, alike=operated.ALIKE)


@routes.get("/projects")
def projects() -> str:
    """Projects that have been in one state for too long, oldest first."""
    page = listed("projects")
    return render_template("ops/projects.html", page=page, reasons=operated.STUCK, of=present.of_project)


@routes.get("/projects/<id>")
def project(id: str) -> str:
    """One project's state and times, and its reports."""
    found = visit().caller.read("operations", "projects", id)
    return render_template("ops/project.html", project=found, state=present.of_project(found["state"], "client"),
                           ended_by=operated.ENDED_BY, states=operated.REPORT)  # fmt: skip


@routes.get("/deliveries")
def deliveries() -> str:
    """Mails that were given up or keep failing, oldest first."""
    return render_template("ops/deliveries.html", page=listed("deliveries"), states=operated.DELIVERY)


@routes.get("/erasures")
def erasures() -> str:
    """Erasures that a service has not confirmed yet, oldest first."""
    return render_template("ops/erasures.html", page=listed("accounts", "erasures"), services=operated.SERVICE)
