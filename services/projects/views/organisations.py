"""Response body of an organisation, for its members."""

from chassis.mongo import Document
from services.projects.model.organisation import Organisation

SHOWN = ("name", "aliases", "domains", "people", "products", "sector", "size", "contact", "verified")


def organisation_view(organisation: Organisation) -> Document:
    """An organisation without its members and invitations."""
    number = {"siren": organisation.siren} if organisation.siren else {}
    return {name: getattr(organisation, name) for name in SHOWN} | number
