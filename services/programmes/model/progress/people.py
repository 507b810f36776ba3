"""What progress counts of a programme's people, from its participants, pairs and sessions."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from services.programmes.model.assessment import END, HIGHEST, LOWEST, START
from services.programmes.model.pairs import ACTIVE, COMPLETED, ENDED_EARLY, Pair
from services.programmes.model.participants import AGREED, Participant
from services.programmes.model.progress.groups import CHALLENGE, ORGANISATION, SIDE, Person

WIDEST = HIGHEST - LOWEST
"""The greatest change of an answer."""


def people_of(participants: Iterable[Participant], pairs: Sequence[Pair], held: Mapping[str, int]) -> list[Person]:
    """Everybody enrolled; ``held`` is the number of sessions held by pair."""
    together, parted, sessions = Counter[str](), Counter[str](), Counter[str]()
    for pair in pairs:
        for one in (pair.mentor, pair.mentee):
            together[one] += pair.state in (ACTIVE, COMPLETED)
            parted[one] += pair.state == ENDED_EARLY
            sessions[one] += held.get(pair.id, 0)
    return [
        Person(
            one.id,
            {SIDE: one.side, ORGANISATION: one.organisation, CHALLENGE: one.challenge or ""},
            {
                "people": int(one.active),
                "agreed": int(one.active and one.state == AGREED),
                "paired": int(together[one.id] > 0),
                "parted": int(parted[one.id] > 0),
                "pairs": together[one.id],
                "ended": parted[one.id],
                "sessions": sessions[one.id],
            },
            changes_of(one),
        )
        for one in participants
        if one.confirmed
    ]


def changes_of(participant: Participant) -> dict[str, int] | None:
    """The change of each answer between the two self-assessments, None unless both are complete.

    Statements are named with their side: two sides share no statement, even where its id is the same.
    """
    before, after = (participant.assessments.get(moment) for moment in (START, END))
    if not before or not after or before.keys() != after.keys():
        return None
    return {f"{participant.side}:{name}": after[name] - before[name] for name in before}
