"""All that this service holds of a person."""

from flask import Response, jsonify

from chassis.http.auth import Actor, signed_in
from chassis.http.parsing import Blueprint
from chassis.unit import UnitOfWork
from services.projects import store


def routes(work: UnitOfWork) -> Blueprint:
    blueprint = Blueprint("export", __name__)

    @blueprint.get("/api/projects/export")
    @signed_in()
    def export(*, actor: Actor) -> Response:
        """All that this service holds of the caller."""
        return jsonify(store.everything_of(work.database, actor))

    return blueprint
