"""Response body of an organisation, for its members."""

from chassis.mongo import Document
from contracts.sectors import SECTORS
from services.projects.model.organisation import Member, Organisation

SHOWN = ("name", "aliases", "domains", "people", "products", "sector", "size", "contact", "verified")


def organisation_view(organisation: Organisation) -> Document:
    """An organisation without its members and invitations."""
    optional = {name: value for name in ("siren", "sector_id") if (value := getattr(organisation, name))}
    return (
        {name: getattr(organisation, name) for name in SHOWN}
        | optional
        | {"sector_shown": sector_view(organisation.sector_shown)}
    )


def member_view(member: Member) -> Document:
    """A member, for the colleagues; the name once the member has told it."""
    named = {"display_name": member.display_name} if member.display_name else {}
    return {"id": member.account, "role": member.role, **named}


def sector_view(sector: str) -> Document:
    """An entry of the closed list, as mentors read it in either language."""
    return {"id": sector, "fr": SECTORS[sector].fr, "en": SECTORS[sector].en}
