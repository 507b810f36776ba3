"""What a mentor asked for: each function is one effect in one unit of work, and gives the answer."""

from chassis.http.auth import Actor
from chassis.http.etags import ANY_VERSION, IfMatch
from chassis.mongo import Document
from chassis.unit import Unit
from services.matching import store
from services.matching.config import Config
from services.matching.profiles import free_from, news_of
from services.matching.views import invitation_view


def write_profile(unit: Unit, actor: Actor, body: Document, if_match: IfMatch = ANY_VERSION) -> Document:
    """Replaces the mentor's profile, which `check_profile` has passed; the profile as it is stored."""
    kept = store.my_profile(unit, actor)
    if_match.check(kept["version"] if kept else None)
    free = free_from(kept["invited_at"] if kept else [], body["weekly_invitations"])
    facts = news_of(actor.id, kept, body["timezone"])
    return store.save_profile(unit, actor, kept, {**body, "free_from": free}, facts)


def decline_invitation(
    unit: Unit, actor: Actor, invitation_id: str, reason: str | None, locale: str, config: Config
) -> Document:
    """Would rather not; the invitation as it stands then, in the words of ``locale``. Again, nothing changes."""
    invitation, shortlist = store.my_invitation(unit, invitation_id, actor)
    facts = shortlist.decline(actor.id, config.wave_size, unit.now)
    if facts:
        store.save_decline(unit, invitation, reason)
        store.save_shortlist(unit, shortlist, facts)
    return invitation_view(invitation, shortlist, locale)
