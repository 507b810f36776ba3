"""Shares out people over challenges so that each challenge can form teams that have a language in common.

An integer programme over groups of people with the same languages, company and wish: how many of each group go to each
challenge, and how many of its teams speak each language. Reporting lines are left to the forming of teams.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from services.programmes.model.teams.integers import IntegerProgramme
from services.programmes.model.teams.people import Candidate

NODES = 2_000
Group = tuple[tuple[str, ...], str, int]
"""Languages (none if any will do), company, and the position of the challenge wished, or -1."""


def seated(
    people: Sequence[Candidate], held: Sequence[int], sizes: Sequence[int], teams: Sequence[int]
) -> list[int] | None:
    """The position of everybody's challenge: as many seats as can be, then companies as even as can be.

    ``held`` are the positions of wishes, ``sizes`` and ``teams`` the numbers of people and teams of each challenge.
    None if that is impossible.
    """
    groups: dict[Group, list[int]] = defaultdict(list)
    for place, (person, wish) in enumerate(zip(people, held, strict=True)):
        groups[tuple(sorted(person.languages)), person.company, wish].append(place)
    programme = IntegerProgramme()
    going = {group: _going(programme, group, len(members), len(sizes)) for group, members in groups.items()}
    for challenge, size in enumerate(sizes):
        here = {group: variables[challenge] for group, variables in going.items()}
        programme.constrain(dict.fromkeys(here.values(), 1), size, size)
        _even_companies(programme, here, size)
        if teams[challenge]:
            _seats(programme, here, size, teams[challenge], unseated=len(people) ** 2)
    _, solution, _ = programme.solve(NODES)
    if solution is None:
        return None
    places = [0] * len(people)
    for group, members in groups.items():
        counts = [round(solution[variable]) for variable in going[group]]
        order = [challenge for challenge, count in enumerate(counts) for _ in range(count)]
        for member, challenge in zip(members, order, strict=True):
            places[member] = challenge
    return places


def _going(programme: IntegerProgramme, group: Group, members: int, challenges: int) -> list[int]:
    """How many of a group go to each challenge: all to the one that they wish."""
    variables = [programme.variable(upper=members if group[2] in (-1, c) else 0) for c in range(challenges)]
    programme.constrain(dict.fromkeys(variables, 1), members, members)
    return variables


def _even_companies(programme: IntegerProgramme, here: Mapping[Group, int], size: int) -> None:
    """The squares of the numbers of each company's people, in steps of one whose costs rise."""
    for company in sorted({company for _, company, _ in here}):
        units = [programme.variable(cost=2 * number + 1, whole=False) for number in range(size)]
        coming = {variable: 1.0 for (_, of, _), variable in here.items() if of == company}
        programme.constrain({**coming, **dict.fromkeys(units, -1.0)}, 0, 0)


def _seats(programme: IntegerProgramme, here: Mapping[Group, int], size: int, teams: int, unseated: float) -> None:
    """Teams by language, and who sits in them; sizes of teams differ by at most one."""
    spoken = sorted({language for languages, _, _ in here for language in languages})
    speaking = {language: programme.variable(upper=teams) for language in spoken}
    programme.constrain(dict.fromkeys(speaking.values(), 1), teams, teams)
    seats: dict[str, list[int]] = defaultdict(list)
    for languages in sorted({languages for languages, _, _ in here}):
        mine = {language: programme.variable(upper=size, whole=False) for language in languages or spoken}
        without = programme.variable(cost=unseated, upper=size, whole=False)
        coming = {variable: -1.0 for (of, _, _), variable in here.items() if of == languages}
        programme.constrain({**coming, **dict.fromkeys(mine.values(), 1.0), without: 1.0}, 0, 0)
        for language, variable in mine.items():
            seats[language].append(variable)
    for language, variables in seats.items():
        taken = dict.fromkeys(variables, 1.0)
        programme.constrain({**taken, speaking[language]: -float(-(-size // teams))}, -size, 0)
        programme.constrain({**taken, speaking[language]: -float(size // teams)}, 0, size)
