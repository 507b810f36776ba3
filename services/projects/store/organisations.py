"""Organisations, the domains at which mail reaches their people, and who relies on their people, in MongoDB."""

from collections.abc import Mapping
from typing import Any

from pymongo import ASCENDING, IndexModel

from chassis import guards
from chassis.facts import not_found
from chassis.http.auth import Actor
from chassis.mongo import Document, Documents
from chassis.unit import Unit
from contracts.blind import domain_digest
from services.projects.model.leaks import Identity
from services.projects.model.organisation import accounts_of

INDEXES = {
    "organisations": [
        IndexModel([("members.account", ASCENDING)], unique=True),
        IndexModel([("invitations.digest", ASCENDING)], sparse=True),
    ],
    "confirmations": [],
}


def find_organisation(unit: Unit, actor: Actor) -> Document | None:
    """The caller's organisation as this transaction sees it."""
    return unit.find("organisations", {"members.account": actor.id})


def read_organisation(database: Documents, actor: Actor) -> Document:
    """The caller's organisation; ``not-found`` before the first PUT."""
    organisation = database.organisations.find_one({"members.account": actor.id})
    if organisation is None:
        raise not_found()
    return organisation


def my_organisation(unit: Unit, actor: Actor) -> Document:
    """The caller's organisation, about to be changed; ``not-found`` where there is none."""
    organisation = find_organisation(unit, actor)
    if organisation is None:
        raise not_found()
    return organisation


def inviting_organisation(unit: Unit, digest: str) -> Document:
    """The organisation that issued an invitation; ``not-found`` for a digest that nobody issued."""
    organisation = unit.find("organisations", {"invitations.digest": digest})
    if organisation is None:
        raise not_found()
    return organisation


def find_organisation_by_id(unit: Unit, organisation_id: str) -> Document | None:
    """An organisation as this transaction sees it, for a deadline."""
    return unit.find("organisations", {"_id": organisation_id})


def save_organisation(unit: Unit, organisation: Mapping[str, Any]) -> None:
    """Stores the identity. It has no events: it never leaves this service but to a chosen mentor."""
    unit.put("organisations", organisation)


def rely_on_people(unit: Unit, organisation: Mapping[str, Any]) -> None:
    """Notes that a project is posted for the people of the organisation as they are now.

    Postings do not meet each other. The transaction that brings projects to the organisation's people of now
    (`settle_people`) meets each of them: no project keeps people who have left, or misses those who have joined.
    """
    guards.passing(unit, _people(organisation["_id"]))


def settle_people(unit: Unit, organisation_id: str) -> None:
    """Notes that all projects of the organisation are brought to its people of now, or end with it."""
    guards.closing(unit, _people(organisation_id))


def _people(organisation_id: str) -> str:
    return f"people:{organisation_id}"


def identity_of(organisation: Mapping[str, Any]) -> Identity:
    """What a text of this client is compared with."""
    contact = organisation["contact"]
    return Identity(
        name=organisation["name"],
        aliases=tuple(organisation["aliases"]),
        domains=tuple(organisation["domains"]),
        siren=organisation.get("siren"),
        people=tuple(organisation["people"]),
        products=tuple(organisation["products"]),
        contact_name=contact["name"],
        contact_email=contact["email"],
        contact_phone=contact.get("phone"),
    )


def own_identity(database: Documents, actor: Actor) -> Identity | None:
    """The identity of the caller's organisation, outside any transaction; None where there is none."""
    organisation = database.organisations.find_one({"members.account": actor.id})
    return identity_of(organisation) if organisation else None


def confirm_domain(unit: Unit, account: str, blind_domain: str | None) -> None:
    """Keeps the digest of the domain at which mail reaches somebody; None is nobody's in particular."""
    change = {"$set": {"blind_domain": blind_domain}}
    unit.collection("confirmations").update_one({"_id": account}, change, upsert=True)


def is_verified(unit: Unit, organisation: Mapping[str, Any], secret: bytes) -> bool:
    """Whether mail reaches one of its people at one of its domains."""
    people = {"_id": {"$in": accounts_of(organisation)}}
    return any(
        row["blind_domain"] in [domain_digest(secret, row["_id"], domain) for domain in organisation["domains"]]
        for row in unit.collection("confirmations").find(people)
    )
