"""The teams of a programme as they are stored: proposed first, then published; and what forming them needs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from chassis.facts import Refusal, not_found
from services.programmes.model.challenges import Challenge
from services.programmes.model.messages import Message
from services.programmes.model.participants import Participant
from services.programmes.model.programme import PROPOSED, UNDER_WAY, Programme
from services.programmes.model.teams import Call, Candidate, Formation, form, superiors

WORDS = {"fr": "Équipe", "en": "Team"}


@dataclass(frozen=True)
class Team:
    """A team. ``members`` are participant ids; ``language`` is one that all of them speak, None if unknown."""

    id: str
    programme: str
    challenge: str
    name: str
    members: tuple[str, ...]
    language: str | None = None
    created_at: datetime | None = None
    published: bool = False


@dataclass(frozen=True)
class Teamwork:
    """All teams of a programme, who has none and why, and how close each aim came to its proven optimum."""

    teams: tuple[Team, ...]
    left_out: tuple[Mapping[str, str], ...] = ()
    aims: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Forming:
    """What teams are formed from. It can be sent to another process; ``solve`` needs nothing else."""

    candidates: tuple[Candidate, ...]
    calls: tuple[Call, ...]

    def solve(self) -> Formation:
        """The optimum, by decision 64."""
        return form(self.candidates, self.calls)


def forming(programme: Programme, participants: Iterable[Participant], challenges: Sequence[Challenge]) -> Forming:
    """The people who take part, by their ids, and the challenges, the oldest first.

    With ``same_chain`` people of one reporting line may be in one team.
    """
    everybody = list(participants)
    people = [one for one in everybody if one.active]
    ids = {one.ref: one.id for one in people}
    lines = superiors({one.ref: one.manager_ref or None for one in everybody})
    known = {challenge.id for challenge in challenges}
    candidates = [
        Candidate(
            one.id,
            company=one.organisation,
            side=one.side,
            offers=frozenset(one.offers),
            languages=frozenset(one.languages),
            line=frozenset() if programme.rules.same_chain else frozenset(ids[r] for r in lines[one.ref] if r in ids),
            wish=one.wished_challenge if one.wished_challenge in known else None,
        )
        for one in sorted(people, key=lambda one: one.ref)
    ]
    ordered = sorted(challenges, key=lambda one: (one.created_at, one.id))
    return Forming(tuple(candidates), tuple(Call(one.id, tuple(one.skills), one.team_size) for one in ordered))


def teamwork(programme: Programme, found: Formation, ids: Sequence[str], now: datetime) -> Teamwork:
    """The teams of a solution with their names, in the programme's language."""
    widths: dict[str, int] = {}
    for team in found.teams:
        widths[team.challenge] = max(widths.get(team.challenge, 1), len(str(team.number)))
    teams = [
        Team(
            id,
            programme.id,
            team.challenge,
            f"{WORDS[programme.language]} {team.number:0{widths[team.challenge]}}",
            team.members,
            team.language,
            now,
        )
        for id, team in zip(ids, found.teams, strict=False)
    ]
    left_out = [{"participant": one.ref, "challenge": one.challenge, "why": one.why} for one in found.left_out]
    aims = {
        challenge: [{"name": aim.name, "value": aim.value, "bound": aim.bound} for aim in reached]
        for challenge, reached in found.aims.items()
    }
    return Teamwork(tuple(teams), tuple(left_out), aims)


def moved(
    work: Teamwork, programme: Programme, team_id: str, person: Participant, people: Iterable[Participant]
) -> Teamwork:
    """The teams after somebody was put into a team by hand, from another one or from none. They claim no optimum.

    Raises ``wrong-state`` unless there are teams, ``not-found``, and ``own-line`` if a superior or a subordinate of
    theirs is in that team.
    """
    programme.check_state(PROPOSED, *UNDER_WAY)
    team = next((one for one in work.teams if one.id == team_id), None)
    if team is None or not person.active:
        raise not_found()
    everybody = list(people)
    lines = superiors({one.ref: one.manager_ref or None for one in everybody})
    mates = {one.ref for one in everybody if one.id in team.members and one.id != person.id}
    related = any(ref in lines[person.ref] or person.ref in lines[ref] for ref in mates)
    if related and not programme.rules.same_chain:
        raise Refusal("own-line", "Somebody of their own reporting line is in this team.")
    others = [replace(one, members=tuple(m for m in one.members if m != person.id)) for one in work.teams]
    teams = [replace(one, members=(*one.members, person.id)) if one.id == team_id else one for one in others]
    left_out = [one for one in work.left_out if one["participant"] != person.id]
    return Teamwork(tuple(teams), tuple(left_out))


def announcements(
    work: Teamwork, participants: Iterable[Participant], ids: Sequence[str], now: datetime
) -> list[Message]:
    """One message for each person who takes part: of their team, or that they have none. ``ids`` are for them."""
    team_of = {member: team for team in work.teams for member in team.members}
    messages = []
    for id, one in zip(ids, (one for one in participants if one.active), strict=False):
        team = team_of.get(one.id)
        without = Message(id, one.programme, "left-without-team", now, one.id, one.account)
        messages.append(of_team(id, team, one, now) if team else without)
    return messages


def of_team(id: str, team: Team, person: Participant, now: datetime) -> Message:
    """The message that tells somebody of their team."""
    data = {"team": team.id}
    return Message(id, person.programme, "team-published", now, person.id, person.account, data=data)
