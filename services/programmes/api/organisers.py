"""Organisers: each runs a programme for one of its companies."""

from chassis.http.auth import Actor, signed_in
from chassis.http.commands import command
from chassis.http.parsing import Blueprint
from chassis.http.said import refuses
from chassis.ids import new_id
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from services.programmes import schemas
from services.programmes.commands import organisers as commands
from services.programmes.config import Config


def routes(work: UnitOfWork, config: Config) -> Blueprint:
    blueprint = Blueprint("organisers", __name__)

    @blueprint.post("/api/programmes/<programme_id>/organisers")
    @signed_in("client")
    @refuses("wrong-state", "too-many-invitations")
    @blueprint.arguments(schemas.OrganiserBody)
    @blueprint.response(201, schemas.OrganiserSchema)
    def invite_organiser(body: Document, programme_id: str, *, actor: Actor) -> Document:
        """Invites somebody, by a mail whose link works once, to organise the programme for one of its companies."""
        invitation_id = new_id()
        return command(
            work, actor, lambda unit: commands.invite_organiser(unit, actor, programme_id, invitation_id, body, config)
        )

    @blueprint.get("/api/programmes/<programme_id>/organisers")
    @signed_in("client")
    @blueprint.response(200, schemas.OrganiserList)
    def read_organisers(programme_id: str, *, actor: Actor) -> Document:
        """The organisers and those who were invited, for those who run the programme."""
        found = work.run(lambda unit: commands.list_organisers(unit, actor, programme_id))
        return {"items": found, "next_cursor": None}

    @blueprint.delete("/api/programmes/<programme_id>/organisers/<organiser_id>")
    @signed_in("client")
    @blueprint.response(204)
    def dismiss_organiser(programme_id: str, organiser_id: str, *, actor: Actor) -> None:
        """Withdraws an invitation, or dismisses an organiser; the people that they enrolled stay."""
        command(work, actor, lambda unit: commands.dismiss_organiser(unit, actor, programme_id, organiser_id))

    @blueprint.post("/api/programmes/organisers")
    @signed_in("client")
    @refuses("not-found", "wrong-state", "already-organiser")
    @blueprint.arguments(schemas.LinkBody)
    @blueprint.response(200, schemas.ProgrammeSchema)
    def accept_invitation(body: Document, *, actor: Actor) -> Document:
        """Accepts the invitation of a mail: from now on the caller sees and enrols their company's people."""
        return command(work, actor, lambda unit: commands.accept_invitation(unit, actor, body["token"]))

    return blueprint
