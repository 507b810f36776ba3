"""The agendas of a pair's meetings as their readers see them."""

from collections.abc import Sequence

from chassis.mongo import Document
from services.programmes.model.agendas import Meeting
from services.programmes.model.assessment import MOMENTS, SCALE, Comparison, Statement
from services.programmes.model.participants import Participant


def meeting_view(meeting: Meeting, *, with_note: bool) -> Document:
    """One meeting. The note on mentoring somebody senior is for mentors and for those who run the programme."""
    view: Document = {
        "number": meeting.number,
        "id": meeting.id,
        "title": meeting.title,
        "aim": meeting.aim,
        "before": {"mentor": meeting.before_mentor, "mentee": meeting.before_mentee},
        "steps": [vars(step) for step in meeting.steps],
        "questions": {"mentor": list(meeting.questions_of_mentor), "mentee": list(meeting.questions_of_mentee)},
        "exercise": {"title": meeting.exercise, "steps": list(meeting.exercise_steps)},
        "attempt": meeting.attempt,
    }
    return view | ({"mentor_note": meeting.mentor_note} if with_note else {})


def assessment_view(
    participant: Participant, statements: Sequence[Statement], opened: Sequence[str], language: str
) -> Document:
    """The statements of the person's side, what the numbers mean, and the moments open for answers."""
    return {
        "side": participant.side,
        "scale": [{"value": value, "text": text} for value, text in enumerate(SCALE[language], start=1)],
        "statements": [vars(one) for one in statements],
        "open": list(opened),
    }


def comparison_view(participant: Participant, compared: Sequence[Comparison]) -> Document:
    """The person's own answers, before and after."""
    return {
        "answered": [moment for moment in MOMENTS if moment in participant.assessments],
        "items": [{**vars(one), "change": one.change} for one in compared],
    }
