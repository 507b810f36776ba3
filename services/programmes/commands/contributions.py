"""Contributing to a challenge, and withdrawing it."""

from chassis.facts import not_found
from chassis.http.auth import Actor
from chassis.mongo import Document
from chassis.unit import Unit
from services.programmes import store
from services.programmes.model import contributions as model
from services.programmes.model.pictures import Picture
from services.programmes.views.board import contribution_view


def contribute(
    unit: Unit,
    actor: Actor,
    programme_id: str,
    challenge_id: str,
    contribution_id: str,
    body: Document,
    picture: Picture | None,
) -> Document:
    """Adds a contribution of the caller's team. ``picture`` is the cleaned picture of the body, if it has one."""
    standing = store.standing(unit, programme_id, actor)
    challenge = store.find_challenge(unit, programme_id, challenge_id)
    author = standing.taking_part()
    team = store.team_of(unit, programme_id, author.id)
    held = store.contributions_held(unit, team.id) if team else 0
    given = {**body, "media_type": picture.media_type if picture else None}
    made = model.contribute(contribution_id, standing, challenge, team, given, held, unit.now)
    store.add_contribution(unit, made, picture)
    return contribution_view(made, standing)


def withdraw(unit: Unit, actor: Actor, programme_id: str, challenge_id: str, contribution_id: str) -> Document:
    """Deletes a contribution: its author's own, or any for those who run the programme."""
    standing = store.standing(unit, programme_id, actor)
    held = store.find_contribution(unit, programme_id, challenge_id, contribution_id)
    if not model.may_withdraw(held, standing):
        raise not_found()
    store.delete_contribution(unit, held)
    return {}
