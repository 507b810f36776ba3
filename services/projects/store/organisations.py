"""Organisations, their members' confirmed e-mail domains, and guards on their members, in MongoDB."""

from collections.abc import Sequence
from dataclasses import asdict, fields

from pymongo import ASCENDING, IndexModel

from chassis import guards
from chassis.facts import Fact, not_found
from chassis.http.auth import Actor
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from services.projects.model.leaks import Identity
from services.projects.model.organisation import Invitation, Member, Organisation

INDEXES = {
    "organisations": [
        IndexModel([("members.account", ASCENDING)], unique=True),
        IndexModel([("sector_shown", ASCENDING), ("size", ASCENDING)]),
        IndexModel([("size", ASCENDING)]),
        IndexModel([("invitations.digest", ASCENDING)], sparse=True),
    ],
    "confirmations": [],
}


def find_organisation(unit: Unit, actor: Actor) -> Organisation | None:
    """The caller's organisation as this transaction sees it, or None."""
    return organisation_of(unit, actor.id)


def organisation_of(unit: Unit, account: str) -> Organisation | None:
    """The organisation of an account as this transaction sees it, or None; for handlers."""
    return _found(unit, {"members.account": account})


def read_organisation(database: Documents, actor: Actor) -> Organisation:
    """The caller's organisation; raises ``not-found`` before the first PUT."""
    organisation = own_organisation(database, actor)
    if organisation is None:
        raise not_found()
    return organisation


def my_organisation(unit: Unit, actor: Actor) -> Organisation:
    """The caller's organisation, to be changed; raises ``not-found`` if there is none."""
    found = find_organisation(unit, actor)
    if found is None:
        raise not_found()
    return found


def inviting_organisation(unit: Unit, digest: str) -> Organisation:
    """The organisation that issued an invitation; raises ``not-found`` for an unknown digest."""
    found = _found(unit, {"invitations.digest": digest})
    if found is None:
        raise not_found()
    return found


def find_organisation_by_id(unit: Unit, organisation_id: str) -> Organisation | None:
    """An organisation as this transaction sees it, or None; for deadlines."""
    return _found(unit, {"_id": organisation_id})


def save_organisation(unit: Unit, organisation: Organisation, facts: Sequence[Fact] = ()) -> None:
    """Stores the organisation with its events, which hold its members only: a chosen mentor alone may see the identity.

    Their subject is ``shared_id``, so that ``erasure.done``, whose subject is an account, has its own sequence.
    """
    unit.put("organisations", organisation_document(organisation), facts, subject=organisation.shared_id)


def delete_organisation(unit: Unit, organisation: Organisation) -> None:
    """Deletes the client's identity and publishes that nobody acts for it any more."""
    save_organisation(unit, organisation, organisation.end())
    unit.collection("organisations").delete_one({"_id": organisation.id})


def rely_on_members(unit: Unit, organisation: Organisation) -> None:
    """Marks that a project is posted or awarded for the organisation's current members, or that somebody joins them.

    These do not conflict with each other. The transaction that updates projects to the current members, and one that
    decides whether a member may leave Relève (`settle_members`), conflict with each of them: no project keeps members
    who left or misses those who joined, and no award is left to nobody.
    """
    guards.passing(unit, _people(organisation.id))


def settle_members(unit: Unit, organisation_id: str) -> None:
    """Marks that all projects of the organisation are updated to its current members or end with it, or that it is
    being decided whether one of its members may leave Relève."""
    guards.closing(unit, _people(organisation_id))


def _people(organisation_id: str) -> str:
    return f"people:{organisation_id}"


def own_identity(database: Documents, actor: Actor) -> Identity | None:
    """The identity of the caller's organisation, read outside any transaction; None if there is none."""
    organisation = own_organisation(database, actor)
    return organisation.identity if organisation else None


def own_organisation(database: Documents, actor: Actor) -> Organisation | None:
    """The caller's organisation, read outside any transaction; None if there is none."""
    row = database.organisations.find_one({"members.account": actor.id})
    return organisation_from(row) if row else None


def identity_by_id(database: Documents, organisation_id: str) -> Identity | None:
    """The identity of an organisation, read outside any transaction; None if it was deleted."""
    row = database.organisations.find_one({"_id": organisation_id})
    return organisation_from(row).identity if row else None


def confirm_domain(unit: Unit, account: str, blind_domain: str | None) -> None:
    """Stores the digest of an account's confirmed e-mail domain; None for a public mail provider."""
    change = {"$set": {"blind_domain": blind_domain}}
    unit.collection("confirmations").update_one({"_id": account}, change, upsert=True)


def confirmed_domains(unit: Unit, organisation: Organisation) -> dict[str, str | None]:
    """The digests of its members' confirmed e-mail domains, by account."""
    people = {"_id": {"$in": organisation.accounts}}
    return {row["_id"]: row["blind_domain"] for row in unit.collection("confirmations").find(people)}


def forget_domain(unit: Unit, account: str) -> None:
    """Deletes an account's confirmed e-mail domain."""
    unit.collection("confirmations").delete_one({"_id": account})


def organisation_from(row: Document) -> Organisation:
    """The organisation from its stored form."""
    known = {field.name: row[field.name] for field in fields(Organisation) if field.name in row}
    known["members"] = [Member(**member) for member in row["members"]]
    known["invitations"] = [Invitation(**invitation) for invitation in row.get("invitations", [])]
    return Organisation(id=row["_id"], **known)


def _found(unit: Unit, wanted: Document) -> Organisation | None:
    row = unit.find("organisations", wanted)
    return organisation_from(row) if row else None


def organisation_document(organisation: Organisation) -> Document:
    """The stored form of an organisation; empty optional fields are left out."""
    row = asdict(organisation)
    row["sector_shown"] = organisation.sector_shown  # for `previews`
    left_out = {name for name in ("siren", "sector_id", "due_at", "invitations") if not row[name]}
    return {"_id": row.pop("id"), **{name: value for name, value in row.items() if name not in left_out}}
