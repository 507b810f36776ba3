"""A published pair as its readers see it: by refs, and by name only as far as `model.visibility` allows."""

from chassis.mongo import Document
from services.programmes.model.access import Standing
from services.programmes.model.answers import silent_sides
from services.programmes.model.couples import Couple
from services.programmes.model.pairing.data import reasons_of
from services.programmes.model.pairing.words import reason_words
from services.programmes.model.pairs import PROPOSED, Pair
from services.programmes.model.participants import MENTEE, MENTOR, Participant
from services.programmes.model.visibility import shows_address, shows_name


def pair_view(couple: Couple, standing: Standing, language: str) -> Document:
    """A pair for this reader. Somebody who was erased has no ref.

    Who runs the programme reads all but names; an organiser, who of their own people has not answered; a participant
    their own answer and what they may know of the other half. Nobody else learns who declined.
    """
    pair, people = couple.pair, {"mentor": couple.mentor, "mentee": couple.mentee}
    view: Document = {
        **{side: one.ref if one else None for side, one in people.items()},
        **{f"{side}_organisation": one.organisation if one else "" for side, one in people.items()},
        "state": pair.state,
        "answer_by": pair.answer_by if pair.state == PROPOSED else None,
        "active_at": pair.active_at,
        "ended": {"at": pair.ended["at"]} if pair.ended else None,
    }
    silent = [side for side in silent_sides(pair) if (one := people[side]) and standing.sees(one)]
    if standing.runs:
        ended = {name: pair.ended[name] for name in ("at", "how") if name in pair.ended} if pair.ended else None
        why = _why(pair, language)
        view |= {"score": pair.score, "why": why, "locked": pair.locked, "waiting_for": silent, "ended": ended}
    elif standing.organisation is not None:
        view |= {"waiting_for": silent if pair.live else []}
    side = pair.side_of(standing.participant.id) if standing.participant else None
    if side is not None:
        view |= _own(pair, side, people[MENTEE if side == MENTOR else MENTOR], language)
    return view


def _own(pair: Pair, side: str, partner: Participant | None, language: str) -> Document:
    """What a participant reads of their own pair. The reasons speak of the partner, so they come with the name."""
    named = partner if partner and shows_name(pair, partner) else None
    addressed = named if named and shows_address(pair, named) else None
    own: Document = {
        "my_answer": pair.answers[side],
        "partner": {"name": named.name if named else None, "email": addressed.email if addressed else None},
    }
    return own | ({"why": _why(pair, language)} if named else {})


def _why(pair: Pair, language: str) -> list[str]:
    return reason_words(reasons_of(list(pair.why)), language)
