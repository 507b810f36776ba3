"""Challenges, goals and teams as their readers see them."""

from collections import Counter
from collections.abc import Mapping

from chassis.mongo import Document
from services.programmes.model.access import Standing
from services.programmes.model.challenges import Challenge
from services.programmes.model.goals import GOALS
from services.programmes.model.participants import AGREED, Participant
from services.programmes.model.teamwork import Team, Teamwork

SHOWN = ("id", "goal", "title", "text", "starts_on", "ends_on", "skills", "team_size", "created_at")


def challenge_view(challenge: Challenge) -> Document:
    """A challenge; everybody in the programme reads the same."""
    view: Document = {name: getattr(challenge, name) for name in SHOWN}
    return view | {"milestones": [dict(vars(one)) for one in challenge.milestones]}


def goals_view() -> list[Document]:
    """The goals in both languages, with their milestones."""
    return [
        {
            "goal": key,
            **{
                language: {"title": goal.title, "text": goal.text, "milestones": list(goal.milestones)}
                for language, goal in texts.items()
            },
        }
        for key, texts in GOALS.items()
    ]


def teams_view(work: Teamwork, people: Mapping[str, Participant], standing: Standing) -> Document:
    """The teams for this caller, as far as they may see them.

    Those who run the programme see everybody. An organiser sees their own company's people, and of the others how many
    each company has in a team. A participant sees their own team once it is published, and the names of those who have
    agreed.
    """
    mine = standing.participant.id if standing.participant else None
    everything = standing.runs or standing.organisation is not None
    teams = [team for team in work.teams if everything or (team.published and mine in team.members)]
    shown: Document = {"items": [_team_view(team, people, standing) for team in teams], "next_cursor": None}
    if not everything:
        return shown | {"left_out": [], "aims": []}
    left_out = [
        {"ref": people[one["participant"]].ref, "challenge": one["challenge"] or None, "why": one["why"]}
        for one in work.left_out
        if one["participant"] in people and standing.sees(people[one["participant"]])
    ]
    aims = [
        {"challenge": challenge or None, **aim}
        for challenge, reached in sorted(work.aims.items())
        for aim in reached
        if standing.runs
    ]
    return shown | {"left_out": left_out, "aims": aims}


def _team_view(team: Team, people: Mapping[str, Participant], standing: Standing) -> Document:
    members = [people[one] for one in team.members if one in people and people[one].takes_part]
    staff = standing.runs or standing.organisation is not None
    named = [one for one in members if (standing.sees(one) if staff else _is_named(one, standing))]
    others = Counter(one.organisation for one in members if one not in named)
    shown = [
        {"ref": one.ref if staff else None, "name": one.name, "organisation": one.organisation, "side": one.side}
        for one in sorted(named, key=lambda one: (one.name, one.id))
    ]
    return {
        "id": team.id,
        "challenge": team.challenge,
        "name": team.name,
        "language": team.language,
        "published": team.published,
        "members": shown,
        "others": [{"organisation": name, "people": count} for name, count in sorted(others.items())],
    }


def _is_named(person: Participant, standing: Standing) -> bool:
    """Whether a member's name is shown in their team: once they have agreed, and to themselves."""
    return person.state == AGREED or (standing.participant is not None and standing.participant.id == person.id)
