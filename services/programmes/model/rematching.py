"""New partners for people whose pair ended, with the least disturbance: every other pair stays as it is."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.programmes.model.answers import NO_ANSWER, silent_sides
from services.programmes.model.notices import Notice
from services.programmes.model.pairing.problem import Couple, Problem, problem_of
from services.programmes.model.pairing.proposal import Paired
from services.programmes.model.pairs import ENDED_EARLY, Pair
from services.programmes.model.participants import MENTEE, MENTOR, Participant
from services.programmes.model.programme import Programme, Rules
from services.programmes.model.publication import published, told_of


def room(rules: Rules, participant: Participant, taken: int) -> int:
    """How many more partners somebody with ``taken`` live pairs may get."""
    most = rules.capacity if participant.side == MENTOR else rules.mentee_capacity
    return max(0, (most if participant.capacity is None else participant.capacity) - taken)


def taken_places(pairs: Sequence[Pair]) -> Counter[str]:
    """How many live pairs each participant has."""
    return Counter(one for pair in pairs if pair.live for one in (pair.mentor, pair.mentee))


def resting_people(pairs: Sequence[Pair]) -> set[str]:
    """Those who want no other partner: who ended their last pair without asking for one, or left it unanswered."""
    ended = sorted((one for one in pairs if one.ended and one.state == ENDED_EARLY), key=lambda one: one.ended["at"])  # type: ignore[index]
    wants = {one: one in pair.waiting for pair in ended for one in (pair.mentor, pair.mentee)}
    return {one for one, more in wants.items() if not more}


def free_people(rules: Rules, participants: Sequence[Participant], pairs: Sequence[Pair]) -> dict[str, int]:
    """Who may get a new partner, and how many: active participants with room who do not rest."""
    taken, resting = taken_places(pairs), resting_people(pairs)
    free = {one.id: room(rules, one, taken[one.id]) for one in participants if one.active and one.id not in resting}
    return {one: places for one, places in free.items() if places}


def problem_for(
    rules: Rules, participants: Sequence[Participant], pairs: Sequence[Pair], apart: Collection[Couple]
) -> Problem:
    """The problem of the free people. ``apart`` are couples who must not be paired, besides those who were a pair here.

    Two people who have a partner already get no other through it. Everybody above a free person in the reporting lines
    is in the problem too, without a place.
    """
    free, taken = free_people(rules, participants, pairs), taken_places(pairs)
    people = [replace(one, capacity=free.get(one.id, 0)) for one in participants]
    by_ref = {one.ref: one for one in people}
    needed = dict[str, Participant]()
    for one in people:
        above: Participant | None = one if one.id in free else None
        while above is not None and above.id not in needed:
            needed[above.id] = above
            above = by_ref.get(above.manager_ref)
    content = [[one.id for one in needed.values() if one.id in free and taken[one.id] and one.side == side]
               for side in (MENTOR, MENTEE)]  # fmt: skip
    both_content = {(mentor, mentee) for mentor in content[0] for mentee in content[1]}
    had = {(pair.mentor, pair.mentee) for pair in pairs}
    return problem_of(needed.values(), rules, forbidden=both_content, before=had | set(apart))


def new_pairs(
    programme: Programme,
    found: Sequence[Paired],
    participants: Sequence[Participant],
    pairs: Sequence[Pair],
    now: datetime,
) -> list[Pair]:
    """The published pairs for what a solver found, without those that have become impossible since it started."""
    left = free_people(programme.rules, participants, pairs)
    had = {(pair.mentor, pair.mentee) for pair in pairs}
    made = []
    for one in found:
        if (one.mentor, one.mentee) in had or not (left.get(one.mentor) and left.get(one.mentee)):
            continue
        left[one.mentor] -= 1
        left[one.mentee] -= 1
        made.append(published(programme, one, now))
    return made


@dataclass(frozen=True)
class Rematched:
    """What must be told after a rematch, and how many people the owner has to look after."""

    notices: Sequence[Notice]
    without: int


def outcome(
    made: Sequence[Pair], pairs: Sequence[Pair], ended: Sequence[Pair], participants: Sequence[Participant]
) -> Rematched:
    """Who learns what: of a new pair, or that there is none. ``ended`` are the pairs that this rematch settles.

    ``without`` counts those who have no pair now, though they wait for one or were silent.
    """
    first: dict[str, Pair] = {}
    for pair in made:
        first.setdefault(pair.mentor, pair)
        first.setdefault(pair.mentee, pair)
    had = {one for pair in pairs for one in (pair.mentor, pair.mentee)}
    notices = [told_of(pair, one, "pair-changed" if one in had else "pair-published") for one, pair in first.items()]
    busy, there = taken_places([*pairs, *made]), {one.id for one in participants if one.active}
    waiting = {one for pair in ended for one in pair.waiting if one in there and not busy[one]}
    silent = {getattr(pair, side) for pair in ended if (pair.ended or {}).get("how") == NO_ANSWER
              for side in silent_sides(pair)}  # fmt: skip
    alone = waiting | {one for one in silent if one in there and not busy[one]}
    notices += [Notice("left-unpaired", one) for one in sorted(waiting)]
    return Rematched([*notices, *_to_owner(alone)], len(alone))


def _to_owner(alone: Collection[str]) -> list[Notice]:
    return [Notice("needs-attention", data={"count": len(alone)})] if alone else []
