"""What a proposal depends on, as it is now."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.programmes import store
from services.programmes.model.challenges import Challenge
from services.programmes.model.participants import Participant
from services.programmes.model.programme import CHALLENGE, Programme
from services.programmes.model.proposal import Mark, fingerprint, with_marks


@dataclass(frozen=True)
class Inputs:
    """The people, marks and challenges of a programme. ``digest`` covers all, ``fingerprint`` all but marks."""

    people: Sequence[Participant]
    marks: Sequence[Mark]
    challenges: Sequence[Challenge]
    fingerprint: str
    digest: str

    @property
    def active(self) -> list[Participant]:
        """The people who take part."""
        return [one for one in self.people if one.active]


def read_inputs(rows: store.Rows, programme: Programme) -> Inputs:
    """Reads what a proposal of this programme depends on."""
    people, marks = store.participants_of(rows, programme.id), store.marks_of(rows, programme.id)
    challenges = store.challenges_of(rows, programme.id) if programme.kind == CHALLENGE else []
    printed = fingerprint(programme, people, [(one.id, tuple(one.skills), one.team_size) for one in challenges])
    return Inputs(people, marks, challenges, printed, with_marks(printed, marks))
