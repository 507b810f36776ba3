"""Commands of mentors and operators: each function has one effect in one unit of work, and returns the answer."""

from collections.abc import Sequence
from dataclasses import replace

from chassis import audit
from chassis.facts import Fact, Refusal, not_found
from chassis.http.auth import Actor
from chassis.http.etags import ANY_VERSION, IfMatch
from chassis.ids import new_id
from chassis.mongo import Document
from chassis.unit import Unit
from services.matching import store
from services.matching.config import Config
from services.matching.model import (
    BY_HAND,
    BY_REQUEST,
    INVITED,
    LEFT_OUT,
    LEFT_OUT_BY_HAND,
    Considered,
    Judged,
    Profile,
    Shortlist,
    Wanted,
    Written,
    admitted_by_hand,
    check_invitable,
    check_open,
    decided,
    first_profile,
    invite_by_hand,
    listed,
    place_of,
    zone_facts,
)
from services.matching.views import decision_view, invitation_view, profile_view


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


def invite_mentor(
    unit: Unit, actor: Actor, project_id: str, account: str, reason: str, config: Config
) -> Document:
    """An operator invites a mentor to an open round, and the log says why. Returns the decision.

    Refuses ``window-ended``, ``already-invited``, and ``not-invitable`` with the rule that forbids it.
    """
    shortlist, profile = _open_round(unit, project_id, account)
    one = store.find_listed(unit, project_id, account) or admitted_by_hand(
        shortlist, profile, config.admission, unit.now
    )
    current = store.invitable_profiles(unit, [account]).get(account)
    check_invitable(shortlist, one, current, store.settled_of(unit, project_id), config.blind_secret, unit.now)
    store.count_invitations(unit, [profile.invited(unit.now)])
    store.add_invitations(unit, project_id, [one])
    facts = invite_by_hand(shortlist, one)
    audit.record(unit, actor.id, "mentor.invited-by-hand", account, reason)
    return _override(unit, actor, shortlist, BY_HAND, Judged(one, INVITED), reason, config, facts)


def leave_mentor_out(
    unit: Unit, actor: Actor, project_id: str, account: str, reason: str, config: Config
) -> Document:
    """An operator leaves a mentor out of an open round, and the log says why. Returns the decision.

    Refuses ``window-ended``, and ``already-invited`` for whom it is too late.
    """
    shortlist, profile = _open_round(unit, project_id, account)
    entry = store.find_listed(unit, project_id, account) or place_of(shortlist, profile, unit.now)
    one = entry or Considered(**vars(listed(profile, ())))
    audit.record(unit, actor.id, "mentor.left-out-by-hand", account, reason)
    return _override(unit, actor, shortlist, LEFT_OUT_BY_HAND, Judged(one, LEFT_OUT), reason, config)


def _open_round(unit: Unit, project_id: str, account: str) -> tuple[Shortlist, Profile]:
    """A round in which this mentor may be decided about. Overrides write it, so that no wave runs beside them."""
    shortlist = store.find_shortlist(unit, project_id)
    if shortlist.client is None:
        raise not_found()
    profile = store.find_profile(unit, account)
    check_open(shortlist, unit.now)
    if store.is_invited(unit, project_id, account):
        raise Refusal("already-invited", "This mentor has an invitation to this project.")
    return shortlist, profile


def _override(
    unit: Unit,
    actor: Actor,
    shortlist: Shortlist,
    kind: str,
    judged: Judged,
    reason: str,
    config: Config,
    facts: Sequence[Fact] = (),
) -> Document:
    decision = decided(
        new_id(), kind, shortlist, [judged], config.rules, unit.now,
        wanted=Wanted(int(judged.invited), BY_REQUEST), by=actor.id, reason=reason,
    )  # fmt: skip
    store.add_decision(unit, decision, config.decisions_kept)
    store.save_shortlist(unit, shortlist, facts)
    return decision_view(decision)
