"""Publication: everybody learns of their pair, or that they have none, at once."""

from collections.abc import Sequence
from datetime import datetime

from chassis.facts import Refusal
from services.programmes.model.answers import publish
from services.programmes.model.notices import Notice
from services.programmes.model.pairing import Paired, data
from services.programmes.model.pairs import Pair, pair_id
from services.programmes.model.participants import Participant
from services.programmes.model.programme import BEFORE_PUBLICATION, PUBLISHED, Programme
from services.programmes.model.proposal import Proposal


def check_covered(uncovered: Sequence[Participant], conflicts: Sequence[str] = ()) -> None:
    """Raises ``infeasible``, which names them by ref, if somebody whom the programme promises a partner has none.

    ``conflicts`` are the rules because of which they have none, in words.
    """
    if uncovered:
        detail = "Some people have no partner. Publish with_unpaired, or change rules or people."
        named = {"unpaired": [one.ref for one in uncovered], "conflicts": list(conflicts)}
        raise Refusal("infeasible", detail, extra=named)


def publish_programme(programme: Programme, proposal: Proposal, now: datetime) -> list[Pair]:
    """The pairs to be published. Raises ``wrong-state`` if they were published already."""
    programme.check_state(*BEFORE_PUBLICATION)
    programme.state, programme.published_at = PUBLISHED, now
    return [published(programme, one, now) for one in proposal.pairs]


def published(programme: Programme, found: Paired, now: datetime) -> Pair:
    """A pair that a solver found, as it is published now."""
    pair_is = pair_id(programme.id, found.mentor, found.mentee)
    pair = Pair(pair_is, programme.id, found.mentor, found.mentee, now, locked=found.locked, score=found.score)
    pair.why, pair.second_best = data.reasons_data(found.why), data.second_best_data(found.second_best)
    publish(pair, now, programme.rules.answer_within)
    return pair


def announcements(pairs: Sequence[Pair], participants: Sequence[Participant]) -> list[Notice]:
    """One notice for each person: of their pair (the first, if they have several), or that they have none."""
    notices = of_pairs(pairs, participants)
    told = {one.participant for one in notices}
    return notices + [Notice("left-unpaired", one.id) for one in participants if one.id not in told]


def of_pairs(pairs: Sequence[Pair], participants: Sequence[Participant]) -> list[Notice]:
    """One notice for each person who has a pair, of the first if they have several."""
    first: dict[str, Pair] = {}
    for pair in pairs:
        first.setdefault(pair.mentor, pair)
        first.setdefault(pair.mentee, pair)
    return [told_of(first[one.id], one.id) for one in participants if one.id in first]


def told_of(pair: Pair, participant: str, kind: str = "pair-published") -> Notice:
    """The notice of a new pair to one of its participants."""
    return Notice(kind, participant, {"pair": pair.id, "answer_by": pair.answer_by})
