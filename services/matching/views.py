"""Views of profiles, invitations and skills for `schemas`, with texts in French or English."""

from collections.abc import Mapping, Sequence
from typing import Any

from chassis.facts import Refusal
from chassis.mongo import Document
from services.matching.model import WRITTEN, Brief, Invitation, Profile, Shortlist, explain

SIZES = {
    "fr": {
        "micro": "très petite entreprise",
        "small": "petite entreprise",
        "medium": "entreprise de taille moyenne",
        "large": "grande entreprise",
        "group": "grand groupe",
    },
    "en": {
        "micro": "very small company",
        "small": "small company",
        "medium": "medium-sized company",
        "large": "large company",
        "group": "large group",
    },
}
CARD = ("display_name", "headline", "school", "bio", "skills", "languages")


def descriptor(client: Mapping[str, str], locale: str) -> str:
    """Describes the client by its size, in the reader's language, and its sector, as the client wrote it."""
    return f"{SIZES[locale][client['size']]}, {client['sector']}"


def brief_view(brief: Brief, locale: str) -> Document:
    """A project without its client."""
    return {
        "title": brief.title,
        "brief": brief.brief,
        "topics": brief.topics,
        "languages": brief.languages,
        "client": descriptor(brief.descriptor, locale),
    }


def invitation_view(invitation: Invitation, shortlist: Shortlist, locale: str) -> Document:
    """An invitation with its state."""
    return {
        "id": invitation.id,
        "project_id": shortlist.id,
        "state": shortlist.state_of(invitation.account, seen=invitation.seen_at is not None),
        "brief": brief_view(shortlist.known_brief, locale),
        "closes_at": shortlist.closes_at,
        "why": explain(invitation.why, locale),
    }


def card_view(profile: Profile) -> Document:
    """A mentor's card; its id differs from the account's."""
    return {"id": profile.mentor_id, **{name: getattr(profile, name) for name in CARD}}


def profile_view(profile: Profile) -> Document:
    """A profile as its mentor wrote it, in the form that the PUT accepts."""
    return {name: value for name in WRITTEN if (value := getattr(profile, name)) is not None}


def export_view(
    profile: Profile | None, invited: Sequence[tuple[Invitation, Shortlist]], posted: Sequence[Shortlist], locale: str
) -> Document:
    """All data stored of one person.

    Places on the lists of open rounds are omitted: a mentor must not learn of projects without an invitation.
    """
    extra = ("created_at", "seen_at", "declined_at", "reason")
    mine = profile and {
        **profile_view(profile),
        "id": profile.mentor_id,
        "joined_at": profile.joined_at,
        "invited_at": profile.invited_at,
    }
    return {
        "profile": mine,
        "invitations": [
            {**invitation_view(row, of, locale), **{name: getattr(row, name) for name in extra}} for row, of in invited
        ],
        "projects": [
            {"project_id": of.id, "closes_at": of.closes_at, **brief_view(of.known_brief, locale)} for of in posted
        ],
    }


def cut(items: Sequence[Any], query: Mapping[str, Any]) -> Document:
    """One page of a short list in memory; the cursor is the index of the next item, refused as ``invalid`` if wrong."""
    text = query["cursor"] or "0"
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        wrong = {"field": "cursor", "message": "Give the next_cursor of an earlier page."}
        raise Refusal("invalid", errors=[wrong])
    end = int(text) + query["limit"]
    return {"items": list(items[int(text) : end]), "next_cursor": str(end) if end < len(items) else None}
