"""The client's identity, and the people who act for it."""

import hashlib

from chassis.facts import Refusal
from chassis.http.auth import Actor
from chassis.http.etags import ANY_VERSION, IfMatch
from chassis.ids import new_id
from chassis.mongo import Document
from chassis.unit import Unit
from services.projects import store
from services.projects.config import Config
from services.projects.model.organisation import OWNER, change_role, check_owner, invitation_token, invite, join, leave
from services.projects.model.scanning import scan

KEPT = ("_id", "members", "invitations", "due_at", "verified", "version")


def describe_organisation(
    unit: Unit, actor: Actor, body: Document, config: Config, if_match: IfMatch = ANY_VERSION
) -> Document:
    """Describes the organisation, or founds it with the caller as its owner; it with its new version."""
    new: Document = {"_id": new_id(), "version": 0, "verified": False}
    found = store.find_organisation(unit, actor)
    if_match.check(found["version"] if found else None)
    kept = found or new | {"members": [{"account": actor.id, "role": OWNER}]}
    check_owner(kept, actor.id)
    organisation = {**{name: kept[name] for name in KEPT if name in kept}, **body}
    scan({"sector": body["sector"]}, store.identity_of(organisation), redacting=False)
    organisation["verified"] = store.is_verified(unit, organisation, config.blind_secret)
    store.save_organisation(unit, organisation)
    return {**organisation, "version": kept["version"] + 1}


def invite_colleague(unit: Unit, actor: Actor, invitation_id: str, role: str, config: Config) -> Document:
    """An invitation, without its token: `invitation_token` makes that from its id."""
    organisation = store.my_organisation(unit, actor)
    check_owner(organisation, actor.id)
    token = invitation_token(config.blind_secret, invitation_id)
    expires_at = invite(organisation, _digest(token), role, unit.now)
    store.save_organisation(unit, organisation)
    return {"id": invitation_id, "role": role, "expires_at": expires_at}


def join_organisation(unit: Unit, actor: Actor, token: str) -> Document:
    """Joins the organisation that issued the token; its projects are the caller's from now on."""
    organisation = store.inviting_organisation(unit, _digest(token))
    if store.find_organisation(unit, actor) is not None:
        raise Refusal("already-member", "You act for an organisation already; leave it first.")
    join(organisation, _digest(token), actor.id, unit.now)
    return _save_members(unit, organisation)


def change_member(unit: Unit, actor: Actor, account_id: str, role: str) -> Document:
    """Makes a colleague an owner or a member."""
    organisation = store.my_organisation(unit, actor)
    check_owner(organisation, actor.id)
    change_role(organisation, account_id, role)
    store.save_organisation(unit, organisation)
    return {"id": account_id, "role": role}


def remove_member(unit: Unit, actor: Actor, account_id: str) -> Document:
    """Removes a member: an owner removes a colleague, or a member leaves. The projects stay with the organisation."""
    organisation = store.my_organisation(unit, actor)
    if account_id != actor.id:
        check_owner(organisation, actor.id)
    leave(organisation, account_id)
    return _save_members(unit, organisation)


def _save_members(unit: Unit, organisation: Document) -> Document:
    """Stores who acts for it; its projects follow at once, by its deadline."""
    store.save_organisation(unit, {**organisation, "due_at": unit.now})
    return {**organisation, "version": organisation["version"] + 1}


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
