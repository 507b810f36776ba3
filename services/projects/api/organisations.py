"""The client's identity, described once."""

from chassis.http.auth import Actor, signed_in
from chassis.http.commands import command
from chassis.http.etags import check_if_match, etag
from chassis.http.parsing import Blueprint
from chassis.mongo import Document
from chassis.unit import Unit, UnitOfWork
from services.projects import schemas, store
from services.projects.model import scan


def routes(work: UnitOfWork) -> Blueprint:
    blueprint = Blueprint("organisations", __name__)

    @blueprint.get("/api/organisations/me")
    @signed_in("client")
    @blueprint.response(200, schemas.OrganisationSchema)
    def read_organisation(*, actor: Actor) -> tuple[Document, dict[str, str]]:
        """The caller's organisation."""
        organisation = store.read_organisation(work.database, actor)
        return organisation, etag(organisation["version"])

    @blueprint.put("/api/organisations/me")
    @signed_in("client")
    @blueprint.arguments(schemas.OrganisationBody)
    @blueprint.response(200, schemas.OrganisationSchema)
    def describe_organisation(body: Document, *, actor: Actor) -> tuple[Document, dict[str, str]]:
        """Describes the organisation: what posting compares with, and what a chosen mentor will see."""

        def effect(unit: Unit) -> Document:
            kept = store.find_organisation(unit, actor) or {"version": 0, "verified": False}
            check_if_match(kept)
            organisation = {**body, "_id": actor.id, "verified": kept["verified"], "version": kept["version"]}
            scan({"sector": body["sector"]}, store.identity_of(organisation), redacting=False)
            store.save_organisation(unit, organisation)
            return {**organisation, "version": kept["version"] + 1}

        organisation = command(work, actor, effect)
        return organisation, etag(organisation["version"])

    return blueprint
