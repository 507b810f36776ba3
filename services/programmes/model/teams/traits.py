"""What the target reads of people, as columns of zeros and ones."""

from collections.abc import Sequence

import numpy as np

from services.programmes.model.teams.people import Candidate
from services.programmes.model.teams.problem import EVEN, Table, Target


def mixed(columns: Sequence[tuple[int, ...]]) -> tuple[Target, Target]:
    """The aims that every sharing begins with."""
    return Target("companies", EVEN, columns[0]), Target("sides", EVEN, columns[1])


def traits_of(people: Sequence[Candidate], skills: Sequence[str]) -> tuple[Table, list[tuple[int, ...]]]:
    """Who has which trait, and the columns of companies, sides and skills."""
    companies = sorted({person.company for person in people})
    sides = sorted({person.side for person in people})
    rows = [
        [*(p.company == c for c in companies), *(p.side == s for s in sides), *(skill in p.offers for skill in skills)]
        for p in people
    ]
    starts = np.cumsum([0, len(companies), len(sides), len(skills)])
    columns = [tuple(range(starts[i], starts[i + 1])) for i in range(3)]
    return np.asarray(rows, np.int64).reshape(len(people), int(starts[3])), columns


def speaks_of(people: Sequence[Candidate]) -> Table:
    """Who speaks which language; no column if everybody shares one."""
    languages = sorted({language for person in people for language in person.languages})
    rows = [[not person.languages or language in person.languages for language in languages] for person in people]
    known = np.asarray(rows, np.int64).reshape(len(people), len(languages))
    return known[:, :0] if not languages or known.all(0).any() else known
