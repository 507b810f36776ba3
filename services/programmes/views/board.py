"""The board of a challenge: what was done, by milestone and team. It names, counts and ranks nobody.

Teams stand in the order of their names and contributions in the order of time. A contribution does not say who of the
team made it, only whether the caller did.
"""

from collections.abc import Sequence

from chassis.mongo import Document
from services.programmes.model.access import Standing
from services.programmes.model.challenges import Challenge
from services.programmes.model.contributions import Contribution
from services.programmes.model.teamwork import Team


def contribution_view(contribution: Contribution, standing: Standing) -> Document:
    """A contribution for this caller."""
    mine = standing.participant is not None and standing.participant.id == contribution.by
    return {
        "id": contribution.id,
        "kind": contribution.kind,
        "team": contribution.team,
        "milestone": contribution.milestone,
        "url": contribution.url,
        "text": contribution.text,
        "media_type": contribution.media_type,
        "created_at": contribution.created_at,
        "mine": mine,
    }


def board_view(
    challenge: Challenge, teams: Sequence[Team], contributions: Sequence[Contribution], standing: Standing
) -> Document:
    """The board: each milestone with the teams that contributed to it, then what belongs to no milestone."""
    steps: list[Document] = [{"id": one.id, "title": one.title, "due_on": one.due_on} for one in challenge.milestones]
    known = {step["id"] for step in steps}
    loose: Document = {"id": None, "title": None, "due_on": None}
    by_name = sorted(teams, key=lambda team: (team.name, team.id))
    rows = []
    for step in [*steps, loose]:
        done = [one for one in contributions if (one.milestone if one.milestone in known else None) == step["id"]]
        groups = [(team, [one for one in done if one.team == team.id]) for team in by_name]
        shown = [
            {"id": team.id, "name": team.name, "contributions": [contribution_view(one, standing) for one in group]}
            for team, group in groups
            if group
        ]
        if step is not loose or shown:
            rows.append({**step, "teams": shown})
    return {"challenge": challenge.id, "title": challenge.title, "milestones": rows}
