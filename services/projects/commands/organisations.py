"""Commands on an organisation: the client's identity and its members."""

import hashlib
from collections.abc import Sequence

from chassis.erasure import erased_of
from chassis.facts import Fact, Refusal, not_found
from chassis.http.auth import Actor
from chassis.http.etags import ANY_VERSION, IfMatch
from chassis.ids import new_id
from chassis.mongo import Document
from chassis.unit import Unit
from services.projects import store
from services.projects.config import Config
from services.projects.model.organisation import Organisation, found, invitation_token
from services.projects.model.scanning import check_certain
from services.projects.views.organisations import member_view, organisation_view


def describe_organisation(
    unit: Unit, actor: Actor, body: Document, config: Config, if_match: IfMatch = ANY_VERSION
) -> Document:
    """Updates the organisation, or creates it with the caller as owner; returns it with its new ``version``."""
    kept = store.find_organisation(unit, actor)
    if_match.check(kept.version if kept else None)
    organisation = kept.described(body) if kept else found(new_id(), new_id(), actor.id, body)
    organisation.check_owner(actor.id)
    check_certain({"sector": organisation.sector}, organisation.identity)
    confirmed = store.confirmed_domains(unit, organisation)
    organisation.verified = organisation.is_verified_by(confirmed, config.blind_secret)
    return _save(unit, organisation, [] if kept else organisation.share())


def invite_colleague(unit: Unit, actor: Actor, invitation_id: str, role: str, config: Config) -> Document:
    """Creates an invitation; returns it without its token, which `invitation_token` derives from the id."""
    organisation = store.my_organisation(unit, actor)
    organisation.check_owner(actor.id)
    token = invitation_token(config.blind_secret, invitation_id)
    expires_at = organisation.invite(_digest(token), role, unit.now)
    store.save_organisation(unit, organisation)
    return {"id": invitation_id, "role": role, "expires_at": expires_at}


def join_organisation(unit: Unit, actor: Actor, token: str) -> Document:
    """Joins the organisation that issued the token; from then on the caller acts for its projects too.

    Raises ``not-found`` once its last member is leaving: it ends with that erasure.
    """
    organisation = store.inviting_organisation(unit, _digest(token))
    if not set(organisation.accounts) - erased_of(unit, organisation.accounts):
        raise not_found()
    store.rely_on_members(unit, organisation)
    if store.find_organisation(unit, actor) is not None:
        raise Refusal("already-member", "You already belong to an organisation; leave it first.")
    return _save_members(unit, organisation, organisation.join(_digest(token), actor.id, unit.now))


def take_back_invitation(unit: Unit, actor: Actor, invitation_id: str) -> Document:
    """Withdraws an open invitation to a colleague."""
    organisation = store.my_organisation(unit, actor)
    organisation.check_owner(actor.id)
    organisation.take_back(invitation_id, unit.now)
    store.save_organisation(unit, organisation)
    return {}


def name_myself(unit: Unit, actor: Actor, display_name: str) -> Document:
    """Tells the colleagues the caller's name."""
    organisation = store.my_organisation(unit, actor)
    member = organisation.name_member(actor.id, display_name)
    store.save_organisation(unit, organisation)
    return member_view(member)


def change_member(unit: Unit, actor: Actor, account_id: str, role: str) -> Document:
    """Changes a colleague's role to owner or member."""
    organisation = store.my_organisation(unit, actor)
    organisation.check_owner(actor.id)
    organisation.change_role(account_id, role)
    store.save_organisation(unit, organisation)
    return member_view(next(member for member in organisation.members if member.account == account_id))


def remove_member(unit: Unit, actor: Actor, account_id: str) -> Document:
    """Removes a member: an owner removes a colleague, or a member leaves. Projects stay with the organisation."""
    organisation = store.my_organisation(unit, actor)
    if account_id != actor.id:
        organisation.check_owner(actor.id)
    return _save_members(unit, organisation, organisation.leave(account_id))


def _save_members(unit: Unit, organisation: Organisation, facts: Sequence[Fact]) -> Document:
    """Stores the new members; a deadline that is due immediately updates the projects."""
    organisation.due_at = unit.now
    return _save(unit, organisation, facts)


def _save(unit: Unit, organisation: Organisation, facts: Sequence[Fact]) -> Document:
    store.save_organisation(unit, organisation, facts)
    return {**organisation_view(organisation), "version": organisation.version + 1}


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
