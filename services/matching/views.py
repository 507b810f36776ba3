"""What people see of profiles, invitations and skills: shapes for `schemas`, and words in French or English."""

from collections.abc import Mapping, Sequence
from typing import Any

from chassis.facts import Refusal
from chassis.mongo import Document
from services.matching.model import Shortlist
from services.matching.ranking import explain
from services.matching.schemas import ProfileBody
from services.matching.store import reasons

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
PROFILE = tuple(ProfileBody().fields)


def descriptor(said: Mapping[str, str], locale: str) -> str:
    """How large the client is, in the reader's language, and its trade in its own words."""
    return f"{SIZES[locale][said['size']]}, {said['sector']}"


def brief_view(shortlist: Shortlist, locale: str) -> Document:
    """A project without its client."""
    shown = {name: shortlist.brief[name] for name in ("title", "brief", "topics", "languages")}
    return {**shown, "client": descriptor(shortlist.brief["descriptor"], locale)}


def invitation_view(invitation: Document, shortlist: Shortlist, locale: str) -> Document:
    """An invitation and where it stands."""
    return {
        "id": invitation["_id"],
        "project_id": shortlist.id,
        "state": shortlist.state_of(invitation["account"], seen=invitation["seen_at"] is not None),
        "brief": brief_view(shortlist, locale),
        "closes_at": shortlist.closes_at,
        "why": explain(reasons(invitation["why"]), locale),
    }


def card_view(profile: Document) -> Document:
    """A mentor's card, by an id that is not the account's."""
    return {"id": profile["mentor_id"], **{name: profile[name] for name in CARD}}


def profile_view(profile: Document) -> Document:
    """A profile as its mentor wrote it, so that it can be sent back."""
    return {name: profile[name] for name in PROFILE if profile[name] is not None}


def export_view(
    profile: Document | None, invited: list[tuple[Document, Shortlist]], posted: list[Shortlist], locale: str
) -> Document:
    """All that is held of one person."""
    kept = ("created_at", "seen_at", "declined_at", "reason")
    mine = profile and {
        **profile_view(profile),
        "id": profile["mentor_id"],
        "joined_at": profile["joined_at"],
        "invited_at": profile["invited_at"],
    }
    return {
        "profile": mine,
        "invitations": [
            {**invitation_view(row, of, locale), **{name: row.get(name) for name in kept}} for row, of in invited
        ],
        "projects": [{"project_id": s.id, "closes_at": s.closes_at, **brief_view(s, locale)} for s in posted],
    }


def cut(items: Sequence[Any], query: Mapping[str, Any]) -> Document:
    """One page of a short list that is all at hand; the cursor is the place of the next item."""
    text = query["cursor"] or "0"
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        wrong = {"field": "cursor", "message": "Give the next_cursor of an earlier page."}
        raise Refusal("invalid", errors=[wrong])
    end = int(text) + query["limit"]
    return {"items": list(items[int(text) : end]), "next_cursor": str(end) if end < len(items) else None}
