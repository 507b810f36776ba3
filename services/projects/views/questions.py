"""Response body of a question."""

from chassis.mongo import Document
from services.projects.model.questions import Question


def question_view(question: Question, text: str) -> Document:
    """A question; ``text`` is the version that the reader may see."""
    return {
        "id": question.id,
        "asker": question.pseudonym,
        "text": text,
        "answer": question.answer,
        "created_at": question.created_at,
        "answered_at": question.answered_at,
    }
