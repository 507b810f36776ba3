"""Invitation links as those who made them see them."""

from chassis.mongo import Document
from services.programmes.model.enrolling.links import Link

SHOWN = ("id", "side", "organisation", "cap", "domain", "created_at", "expires_at")


def link_view(link: Link, used: int) -> Document:
    """A link without its token; ``used`` is the number of people who hold a place."""
    return {**{name: getattr(link, name) for name in SHOWN}, "organisation": link.organisation or None, "used": used}
