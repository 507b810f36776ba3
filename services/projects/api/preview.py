"""The preview of a posting: what it would give away, and what mentors would read."""

from flask import request

from chassis.facts import Refusal
from chassis.http.auth import Actor, signed_in
from chassis.http.commands import command
from chassis.http.parsing import Blueprint
from chassis.http.said import refuses
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.projects import schemas, store
from services.projects.model.leaks import find_leaks
from services.projects.views.paper import LANGUAGES
from services.projects.views.preview import preview_view


def routes(work: UnitOfWork) -> Blueprint:
    blueprint = Blueprint("preview", __name__)

    @blueprint.post("/api/projects/preview")
    @signed_in("client")
    @refuses("organisation-missing")
    @blueprint.arguments(schemas.PreviewBody)
    @blueprint.response(200, schemas.PreviewSchema)
    def preview(body: Document, *, actor: Actor) -> Document:
        """Says what a posting would give away, what mentors would read, and how many organisations that fits.

        Nothing is posted, stored or told to anybody.
        """
        store.count_preview(work, actor)
        organisation = store.own_organisation(work.database, actor)
        if organisation is None:
            raise Refusal("organisation-missing", "Describe your organisation first.")
        leaks = find_leaks({"title": body["title"], "brief": body["brief"]}, organisation.identity)
        locale = request.accept_languages.best_match(LANGUAGES, default=LANGUAGES[0]) or LANGUAGES[0]
        answer = preview_view(body, leaks, organisation, store.ranges(work, actor, organisation), locale)
        return command(work, actor, lambda _unit: answer)

    return blueprint
