"""Organisers as those who run the programme see them."""

from chassis.mongo import Document
from services.programmes.model.organisers import Invited
from services.programmes.model.programme import Organiser

ACCEPTED, INVITED = "accepted", "invited"


def organiser_view(organiser: Organiser) -> Document:
    """An organiser; ``id`` is their account, whose address accounts alone knows."""
    return {
        "id": organiser.account,
        "organisation": organiser.organisation,
        "state": ACCEPTED,
        "email": None,
        "expires_at": None,
    }


def invited_view(invited: Invited) -> Document:
    """Somebody who was invited."""
    return {
        "id": invited.id,
        "organisation": invited.organisation,
        "state": INVITED,
        "email": invited.email,
        "expires_at": invited.expires_at,
    }
