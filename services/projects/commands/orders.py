"""Billing details of either side."""

from chassis.facts import Refusal
from chassis.http.auth import Actor
from chassis.http.etags import ANY_VERSION, IfMatch
from chassis.mongo import Document
from chassis.unit import Unit
from services.projects import store


def give_billing(unit: Unit, actor: Actor, details: Document, if_match: IfMatch = ANY_VERSION) -> Document:
    """Stores the billing details for new orders and for issued ones that lack them; returns their ``version``.

    They belong to the mentor, or to the client's organisation, whose owners alone may set them. Raises ``forbidden``,
    ``organisation-missing``.
    """
    billing = store.find_billing(unit, _party(unit, actor))
    if_match.check(billing.version if billing.details else None)  # a row without details only counts orders
    return {"version": store.save_billing(unit, billing, actor.role, details, unit.now)}


def _party(unit: Unit, actor: Actor) -> str:
    if actor.role == "mentor":
        return actor.id
    organisation = store.find_organisation(unit, actor)
    if organisation is None:
        raise Refusal("organisation-missing", "Describe your organisation first.")
    organisation.check_owner(actor.id)
    return organisation.id
