"""A person's own self-assessment."""

from chassis.http.auth import Actor
from chassis.mongo import Document
from chassis.unit import Unit
from services.programmes import store
from services.programmes.model import assessment
from services.programmes.views.agendas import comparison_view


def answer_assessment(
    unit: Unit, actor: Actor, programme_id: str, moment: str, answers: Document, language: str
) -> Document:
    """Stores the caller's answers at this moment; returns their own before and after."""
    standing = store.standing(unit, programme_id, actor)
    participant = standing.taking_part()
    opened = assessment.open_moments(
        standing.programme, participant, store.pairs_over_at(unit, standing.programme.id, participant.id), unit.now
    )
    assessment.answer(participant, moment, answers, opened)
    store.save_participant(unit, participant)
    return comparison_view(participant, assessment.compare(participant, language))
