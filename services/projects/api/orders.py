"""Billing details, and the order of an award as JSON and as PDF."""

from typing import Any

from flask import Response, request

from chassis.http.auth import Actor, signed_in
from chassis.http.commands import command
from chassis.http.etags import IfMatch, Versioned, shows_version, takes_version
from chassis.http.parsing import Blueprint
from chassis.http.said import answers, documented, header, refuses
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.projects import schemas, store
from services.projects.clients.pdf import render
from services.projects.commands import orders as commands
from services.projects.config import Config
from services.projects.model.orders import Order, check_billing
from services.projects.views.orders import order_view
from services.projects.views.paper import LANGUAGES, file_name

BINARY = {"type": "string", "format": "binary"}
IN_LANGUAGE = header("Accept-Language", "French or English; any other language gives French.")


def routes(work: UnitOfWork, config: Config) -> Blueprint:
    blueprint = Blueprint("orders", __name__)

    @blueprint.get("/api/projects/billing/me")
    @signed_in("client", "mentor")
    @refuses("not-found")
    @blueprint.response(200, schemas.BillingSchema)
    @shows_version
    def read_billing(*, actor: Actor) -> Versioned:
        """The caller's billing details: a mentor's own, or those of the client's organisation."""
        party = actor.id if actor.role == "mentor" else store.read_organisation(work.database, actor).id
        billing = store.read_billing(work.database, party)
        return dict(billing.details or {}), billing.version

    @blueprint.put("/api/projects/billing/me")
    @signed_in("client", "mentor")
    @refuses("organisation-missing")
    @blueprint.arguments(schemas.BillingBody)
    @blueprint.response(200, schemas.BillingSchema)
    @takes_version
    @shows_version
    def give_billing(body: Document, *, actor: Actor, expected: IfMatch) -> Versioned:
        """Sets the billing details for new orders, and for issued ones that lack them."""
        check_billing(body, actor.role)
        answer = command(work, actor, lambda unit: commands.give_billing(unit, actor, body, expected))
        return body, answer["version"]

    @blueprint.get("/api/projects/<project_id>/order")
    @signed_in("client", "mentor")
    @blueprint.response(200, schemas.OrderSchema)
    @documented(parameters=IN_LANGUAGE)
    @shows_version
    def read_order(project_id: str, *, actor: Actor) -> tuple[Document, int, dict[str, Any]]:
        """The order of an award, for the client and the chosen mentor; always 404 for everyone else."""
        order, language = _order(project_id, actor), _language()
        return order_view(order, language, config.receipt_keys), order.version, _in(language)

    @blueprint.get("/api/projects/<project_id>/order.pdf")
    @signed_in("client", "mentor")
    @documented(parameters=IN_LANGUAGE, responses=answers("application/pdf", BINARY, "%PDF-1.7 …"))
    @shows_version
    def read_order_on_paper(project_id: str, *, actor: Actor) -> tuple[Response, int]:
        """The order as PDF, for the same readers. The same order in the same language gives the same bytes."""
        order, language = _order(project_id, actor), _language()
        made = render(order, language, config.receipt_keys)
        answer = Response(made, mimetype="application/pdf", headers=_in(language))
        answer.headers.set("Content-Disposition", "attachment", filename=file_name(order, language))
        return answer, order.version

    def _order(project_id: str, actor: Actor) -> Order:
        return store.read_order(work.database, store.read_project(work.database, project_id, actor))

    return blueprint


def _language() -> str:
    """The preferred language by Accept-Language; French if neither French nor English is accepted. en-GB is English."""
    liked = (tag.partition("-")[0].lower() for tag, quality in request.accept_languages if quality > 0)
    return next((language for language in liked if language in LANGUAGES), LANGUAGES[0])


def _in(language: str) -> dict[str, Any]:
    return {"Content-Language": language, "Vary": "Accept-Language"}
