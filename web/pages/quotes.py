"""A mentor's quotes over all projects, and what became of them."""

from typing import Any

from flask import Blueprint, render_template, request

from web import present
from web.visit import signed_in, visit

routes = Blueprint("quotes", __name__)


@routes.get("/quotes")
@signed_in("mentor")
def quotes() -> Any:
    """Every quote of the mentor, newest first, with its outcome."""
    page = visit().caller.read("quotes", "mine", limit=20, cursor=request.args.get("cursor", ""))
    return render_template("quotes.html", page=page, outcomes=present.OUTCOME)
