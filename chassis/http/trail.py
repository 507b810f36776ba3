"""The route with which operators read a service's audit trail. Reading it is itself recorded."""

from marshmallow import Schema, fields, validate

from chassis import audit
from chassis.http.auth import OPERATOR, Actor, signed_in
from chassis.http.pages import PageQuery, page_of
from chassis.http.parsing import Blueprint
from chassis.mongo import Document
from chassis.unit import UnitOfWork

READ = "audit.read"


class TrailQuery(PageQuery):
    """``?whom=&who=&limit=&cursor=``"""

    whom = fields.String(validate=validate.Length(1, 64))
    who = fields.String(validate=validate.Length(1, 64))


def routes(work: UnitOfWork, path: str, entry: type[Schema]) -> Blueprint:
    """The blueprint with the route at ``path``; ``entry`` is the schema of a row."""
    blueprint = Blueprint("trail", __name__)

    @blueprint.get(path)
    @signed_in(OPERATOR)
    @blueprint.arguments(TrailQuery, location="query")
    @blueprint.response(200, page_of(entry))
    def read_audit(query: Document, *, actor: Actor) -> Document:
        """What operators read and did in this service, newest first; ``whom`` and ``who`` narrow it to one person."""
        found = audit.read(work.database, query)
        audit.record_reading(work, actor, READ, (query.get("whom", ""),))
        return found

    return blueprint
