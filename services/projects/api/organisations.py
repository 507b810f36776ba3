"""The client's identity, described once, and the people who act for it."""

import hashlib

from chassis.facts import Refusal
from chassis.http.auth import Actor, signed_in
from chassis.http.commands import command
from chassis.http.etags import check_if_match, etag
from chassis.http.parsing import Blueprint
from chassis.ids import new_id
from chassis.mongo import Document
from chassis.unit import Unit, UnitOfWork
from services.projects import schemas, store
from services.projects.config import Config
from services.projects.membership import OWNER, change_role, check_owner, invitation_token, invite, join, leave
from services.projects.model import scan

KEPT = ("_id", "members", "invitations", "due_at", "verified", "version")


def routes(work: UnitOfWork, config: Config) -> Blueprint:
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
            new: Document = {"_id": new_id(), "version": 0, "verified": False}
            found = store.find_organisation(unit, actor)
            check_if_match(found)
            kept = found or new | {"members": [{"account": actor.id, "role": OWNER}]}
            check_owner(kept, actor.id)
            organisation = {**{name: kept[name] for name in KEPT if name in kept}, **body}
            scan({"sector": body["sector"]}, store.identity_of(organisation), redacting=False)
            organisation["verified"] = store.is_verified(unit, organisation, config.blind_secret)
            store.save_organisation(unit, organisation)
            return {**organisation, "version": kept["version"] + 1}

        organisation = command(work, actor, effect)
        return organisation, etag(organisation["version"])

    @blueprint.get("/api/organisations/me/members")
    @signed_in("client")
    @blueprint.response(200, schemas.MemberList)
    def read_members(*, actor: Actor) -> Document:
        """The people who act for the organisation."""
        members = store.read_organisation(work.database, actor)["members"]
        return {"items": [{"id": m["account"], "role": m["role"]} for m in members], "next_cursor": None}

    @blueprint.post("/api/organisations/me/invitations")
    @signed_in("client")
    @blueprint.arguments(schemas.ColleagueBody)
    @blueprint.response(201, schemas.ColleagueInvitationSchema)
    def invite_colleague(body: Document, *, actor: Actor) -> Document:
        """A token for one colleague, shown once: whoever brings it joins the organisation."""
        invitation_id = new_id()

        def effect(unit: Unit) -> Document:
            organisation = store.my_organisation(unit, actor)
            check_owner(organisation, actor.id)
            token = invitation_token(config.blind_secret, invitation_id)
            expires_at = invite(organisation, _digest(token), body["role"], unit.now)
            store.save_organisation(unit, organisation)
            return {"id": invitation_id, "role": body["role"], "expires_at": expires_at}

        answer = command(work, actor, effect)
        return {**answer, "token": invitation_token(config.blind_secret, answer["id"])}

    @blueprint.post("/api/organisations/invitations/<token>")
    @signed_in("client")
    @blueprint.response(200, schemas.OrganisationSchema)
    def join_organisation(token: str, *, actor: Actor) -> tuple[Document, dict[str, str]]:
        """Joins the organisation that issued the token; its projects are the caller's from now on."""

        def effect(unit: Unit) -> Document:
            organisation = store.inviting_organisation(unit, _digest(token))
            if store.find_organisation(unit, actor) is not None:
                raise Refusal("already-member", "You act for an organisation already; leave it first.")
            join(organisation, _digest(token), actor.id, unit.now)
            return _save_members(unit, organisation)

        organisation = command(work, actor, effect)
        return organisation, etag(organisation["version"])

    @blueprint.put("/api/organisations/me/members/<account_id>")
    @signed_in("client")
    @blueprint.arguments(schemas.ColleagueBody)
    @blueprint.response(200, schemas.MemberSchema)
    def change_member(body: Document, account_id: str, *, actor: Actor) -> Document:
        """Makes a colleague an owner or a member."""

        def effect(unit: Unit) -> Document:
            organisation = store.my_organisation(unit, actor)
            check_owner(organisation, actor.id)
            change_role(organisation, account_id, body["role"])
            store.save_organisation(unit, organisation)
            return {"id": account_id, "role": body["role"]}

        return command(work, actor, effect)

    @blueprint.delete("/api/organisations/me/members/<account_id>")
    @signed_in("client")
    @blueprint.response(204)
    def remove_member(account_id: str, *, actor: Actor) -> None:
        """An owner lets a colleague go, or somebody leaves; the organisation's projects stay with the others."""

        def effect(unit: Unit) -> Document:
            organisation = store.my_organisation(unit, actor)
            if account_id != actor.id:
                check_owner(organisation, actor.id)
            leave(organisation, account_id)
            return _save_members(unit, organisation)

        command(work, actor, effect)

    return blueprint


def _save_members(unit: Unit, organisation: Document) -> Document:
    """Stores who acts for it; its projects follow at once, by its deadline."""
    store.save_organisation(unit, {**organisation, "due_at": unit.now})
    return {**organisation, "version": organisation["version"] + 1}


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
