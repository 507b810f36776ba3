"""Invitation links of a programme."""

from chassis.http.auth import Actor
from chassis.http.commands import command
from chassis.http.pages import PageQuery
from chassis.http.parsing import Blueprint
from chassis.http.said import refuses
from chassis.ids import new_id
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.programmes import schemas, store
from services.programmes.api.auth import taking_part
from services.programmes.commands import links as commands
from services.programmes.config import Config
from services.programmes.model.enrolling.links import link_token
from services.programmes.views.links import link_view


def routes(work: UnitOfWork, config: Config) -> Blueprint:
    blueprint = Blueprint("links", __name__)

    @blueprint.post("/api/programmes/<programme_id>/links")
    @taking_part
    @refuses("wrong-state", "too-many-links")
    @blueprint.arguments(schemas.InvitationLinkBody)
    @blueprint.response(201, schemas.MadeLinkSchema)
    def make_link(body: Document, programme_id: str, *, actor: Actor) -> Document:
        """Creates a link by which people join one side, up to ``cap`` and from one ``domain`` of addresses."""
        link_id = new_id()
        answer = command(work, actor, lambda unit: commands.make_link(unit, actor, programme_id, link_id, body, config))
        token = link_token(config.blind_secret, answer["id"])
        return {**answer, "token": token, "url": f"{config.public_url}/join#{token}"}

    @blueprint.get("/api/programmes/<programme_id>/links")
    @taking_part
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, schemas.InvitationLinkPage)
    def read_links(query: Document, programme_id: str, *, actor: Actor) -> Document:
        """The links of a programme without their tokens; an organiser reads the own organisation's."""
        standing = store.standing(work.database, programme_id, actor)
        standing.check_organises()
        wanted = {"programme": programme_id, **commands.mine(standing)}
        found, cursor = store.read_links(work.database, wanted, query, work.now())
        return {"items": [link_view(link, used) for link, used in found], "next_cursor": cursor}

    @blueprint.delete("/api/programmes/<programme_id>/links/<link_id>")
    @taking_part
    @blueprint.response(204)
    def drop_link(programme_id: str, link_id: str, *, actor: Actor) -> None:
        """Deletes a link: nobody joins by it any more, and who has joined stays."""
        command(work, actor, lambda unit: commands.drop_link(unit, actor, programme_id, link_id))

    return blueprint
