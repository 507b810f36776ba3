"""The teams of a programme as they are stored: proposed first, then published; and what forming them needs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.programmes.model.challenges import Challenge
from services.programmes.model.messages import Message
from services.programmes.model.participants import Participant
from services.programmes.model.programme import Programme
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


def announcements(
    work: Teamwork, participants: Iterable[Participant], ids: Sequence[str], now: datetime
) -> list[Message]:
    """One message for each person who takes part: of their team, or that they have none. ``ids`` are for them."""
    team_of = {member: team for team in work.teams for member in team.members}
    messages = []
    for id, one in zip(ids, (one for one in participants if one.active), strict=False):
        team = team_of.get(one.id)
        kind, data = ("team-published", {"team": team.id}) if team else ("left-without-team", {})
        messages.append(Message(id, one.programme, kind, now, participant=one.id, data=data))
    return messages
