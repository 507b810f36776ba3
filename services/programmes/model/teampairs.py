"""Pairs inside the teams of a challenge: a mentor and a mentee of different companies, who meet there anyway."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.programmes.model.pairing import Paired, Problem, problem_of, solve
from services.programmes.model.pairing.problem import Couple, Seen
from services.programmes.model.participants import MENTEE, MENTOR, Participant
from services.programmes.model.programme import Rules
from services.programmes.model.teams import Formation
from services.programmes.model.teamwork import Team


@dataclass(frozen=True)
class Couples:
    """What pairs are made of: all people who take part, the rules, the couples that must not be made, and what people's
    texts say."""

    people: Mapping[str, Participant]
    rules: Rules
    apart: frozenset[Couple] = frozenset()
    seen: Mapping[str, Seen] = field(default_factory=dict)

    def within(self, found: Formation) -> tuple[Paired, ...]:
        """The best pairs inside each team."""
        teams = ([self.people[ref] for ref in team.members] for team in found.teams)
        return tuple(pair for members in teams for pair in self._pairs(members))

    def _pairs(self, members: Sequence[Participant]) -> Sequence[Paired]:
        if len({one.side for one in members}) < 2:
            return ()
        problem: Problem = problem_of(members, across(self.rules), forbidden=self.apart, seen=self.seen)
        return solve(problem).pairs


def across(rules: Rules) -> Rules:
    """The rules of pairs in a challenge: they always mix companies."""
    return replace(rules, cross_company=True)


def not_in_one_team(people: Iterable[Participant]) -> Collection[Couple]:
    """The couples whose two people are in different teams, or in none."""
    sides: dict[str, list[Participant]] = {MENTOR: [], MENTEE: []}
    for one in people:
        sides[one.side].append(one)
    return {
        (mentor.id, mentee.id)
        for mentor in sides[MENTOR]
        for mentee in sides[MENTEE]
        if mentor.team_id is None or mentor.team_id != mentee.team_id
    }


def parted(pairs: Iterable[Paired], teams: Iterable[Team]) -> tuple[list[Paired], list[Paired]]:
    """The pairs whose two people are in one team, and those that somebody moved apart by hand: these are dropped."""
    team_of = {member: team.id for team in teams for member in team.members}
    together: list[Paired] = []
    apart: list[Paired] = []
    for pair in pairs:
        same = team_of.get(pair.mentor) == team_of.get(pair.mentee)
        (together if same else apart).append(pair)
    return together, apart
