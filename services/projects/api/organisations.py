"""The client's organisation and its members."""

from chassis.http.auth import Actor, signed_in
from chassis.http.commands import command
from chassis.http.etags import IfMatch, Versioned, shows_version, takes_version
from chassis.http.parsing import Blueprint
from chassis.http.said import example, refuses
from chassis.ids import new_id
from chassis.mongo import Document
from chassis.unit import UnitOfWork
from contracts.sectors import SECTORS
from contracts.story import COLLEAGUE
from services.projects import schemas, store
from services.projects.commands import organisations as commands
from services.projects.config import Config
from services.projects.model.organisation import invitation_token
from services.projects.views.organisations import member_view, organisation_view, sector_view


def routes(work: UnitOfWork, config: Config) -> Blueprint:
    blueprint = Blueprint("organisations", __name__)

    @blueprint.get("/api/organisations/me")
    @signed_in("client")
    @refuses("not-found")
    @blueprint.response(200, schemas.OrganisationSchema)
    @shows_version
    def read_organisation(*, actor: Actor) -> Versioned:
        """The caller's organisation."""
        organisation = store.read_organisation(work.database, actor)
        return organisation_view(organisation), organisation.version

    @blueprint.get("/api/organisations/sectors")
    @signed_in()
    @blueprint.response(200, schemas.SectorList)
    def read_sectors(*, actor: Actor) -> Document:
        """The closed list of sectors: mentors read one of these, never the client's own words."""
        return {"items": [sector_view(sector) for sector in SECTORS], "next_cursor": None}

    @blueprint.put("/api/organisations/me")
    @signed_in("client")
    @refuses("identity-leak")
    @blueprint.arguments(schemas.OrganisationBody)
    @blueprint.response(200, schemas.OrganisationSchema)
    @takes_version
    @shows_version
    def describe_organisation(body: Document, *, actor: Actor, expected: IfMatch) -> Versioned:
        """Sets the organisation's description: posted texts are scanned for it, a chosen mentor sees parts of it."""
        organisation = command(
            work, actor, lambda unit: commands.describe_organisation(unit, actor, body, config, expected)
        )
        return organisation, organisation["version"]

    @blueprint.get("/api/organisations/me/members")
    @signed_in("client")
    @blueprint.response(200, schemas.MemberList)
    def read_members(*, actor: Actor) -> Document:
        """The organisation's members."""
        members = store.read_organisation(work.database, actor).members
        return {"items": [member_view(member) for member in members], "next_cursor": None}

    @blueprint.put("/api/organisations/me/members/me")
    @signed_in("client")
    @refuses("not-found")
    @blueprint.arguments(schemas.MemberNameBody)
    @blueprint.response(200, schemas.MemberSchema)
    def name_myself(body: Document, *, actor: Actor) -> Document:
        """Tells the colleagues the caller's name."""
        name = body["display_name"]
        return command(work, actor, lambda unit: commands.name_myself(unit, actor, name))

    @blueprint.get("/api/organisations/me/invitations")
    @signed_in("client")
    @refuses("not-found")
    @blueprint.response(200, schemas.OpenInvitationList)
    def read_colleague_invitations(*, actor: Actor) -> Document:
        """The invitations that can still be accepted, without their tokens."""
        found = store.read_organisation(work.database, actor).open_invitations(work.now())
        items = [{"id": one.id, "role": one.role, "expires_at": one.expires_at} for one in found]
        return {"items": items, "next_cursor": None}

    @blueprint.delete("/api/organisations/me/invitations/<invitation_id>")
    @signed_in("client")
    @blueprint.response(204)
    def take_back_invitation(invitation_id: str, *, actor: Actor) -> None:
        """Withdraws an invitation (owners only); its token leads nowhere any more."""
        command(work, actor, lambda unit: commands.take_back_invitation(unit, actor, invitation_id))

    @blueprint.post("/api/organisations/me/invitations")
    @signed_in("client")
    @refuses("too-many-invitations")
    @blueprint.arguments(schemas.ColleagueBody)
    @blueprint.response(201, schemas.ColleagueInvitationSchema)
    def invite_colleague(body: Document, *, actor: Actor) -> Document:
        """Creates a token for one colleague, shown once; its bearer can join the organisation."""
        invitation_id, role = new_id(), body["role"]
        answer = command(work, actor, lambda unit: commands.invite_colleague(unit, actor, invitation_id, role, config))
        return {**answer, "token": invitation_token(config.blind_secret, answer["id"])}

    @blueprint.post("/api/organisations/invitations/<token>")
    @signed_in("client")
    @refuses("already-member", "too-many-members")
    @blueprint.response(200, schemas.OrganisationSchema)
    @shows_version
    def join_organisation(token: str, *, actor: Actor) -> Versioned:
        """Joins the organisation that issued the token; from then on the caller acts for its projects too."""
        organisation = command(work, actor, lambda unit: commands.join_organisation(unit, actor, token))
        return organisation, organisation["version"]

    @blueprint.put("/api/organisations/me/members/<account_id>")
    @signed_in("client")
    @refuses("last-owner")
    @blueprint.arguments(schemas.ColleagueBody)
    @blueprint.response(200, schemas.MemberSchema)
    @example(answer={"id": COLLEAGUE, "role": "member"})
    def change_member(body: Document, account_id: str, *, actor: Actor) -> Document:
        """Changes a colleague's role to owner or member."""
        role = body["role"]
        return command(work, actor, lambda unit: commands.change_member(unit, actor, account_id, role))

    @blueprint.delete("/api/organisations/me/members/<account_id>")
    @signed_in("client")
    @refuses("last-owner")
    @blueprint.response(204)
    def remove_member(account_id: str, *, actor: Actor) -> None:
        """Removes a colleague (owners only) or the caller; the projects stay with the organisation."""
        command(work, actor, lambda unit: commands.remove_member(unit, actor, account_id))

    return blueprint
