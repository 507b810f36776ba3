"""Commands of mentors: each function has one effect in one unit of work, and returns the answer."""

from dataclasses import replace

from chassis.http.auth import Actor
from chassis.http.etags import ANY_VERSION, IfMatch
from chassis.ids import new_id
from chassis.mongo import Document
from chassis.unit import Unit
from services.matching import store
from services.matching.config import Config
from services.matching.model import Written, first_profile, zone_facts
from services.matching.views import invitation_view, profile_view


def write_profile(unit: Unit, actor: Actor, written: Written, if_match: IfMatch = ANY_VERSION) -> Document:
    """Replaces the mentor's profile and returns it with its new version. The caller has run `check_profile`."""
    previous = store.my_profile(unit, actor)
    if_match.check(previous.version if previous else None)
    known = previous or first_profile(actor.id, new_id(), written, unit.now, *store.account_times(unit, actor))
    if actor.verified and known.verified_at is None:
        known = replace(known, verified_at=unit.now)  # the account was verified before matching heard of accounts
    profile = known.rewritten(written, unit.now)
    facts = zone_facts(actor.id, previous.timezone if previous else None, written.timezone)
    stored = store.save_profile(unit, profile, facts)
    return {**profile_view(stored), "version": stored.version}


def decline_invitation(
    unit: Unit, actor: Actor, invitation_id: str, reason: str | None, locale: str, config: Config
) -> Document:
    """Declines an invitation and returns it in the language ``locale``. Repeated, it changes nothing."""
    invitation, shortlist = store.my_invitation(unit, invitation_id, actor)
    facts = shortlist.decline(actor.id, config.wave_size, unit.now)
    if facts:
        store.save_decline(unit, invitation, reason)
        store.save_shortlist(unit, shortlist, facts)
    return invitation_view(invitation, shortlist, locale)
