"""Response body of a question."""

from chassis.mongo import Document
from services.projects.model.questions import Question


def question_view(question: Question, reader: str, *, client: bool) -> Document:
    """A question as this reader, who acts for the client or is a mentor, reads it."""
    return {
        "id": question.id,
        "asker": question.pseudonym,
        "text": question.text_for(reader, client=client),
        "question": question.published,
        "answer": question.answer,
        "created_at": question.created_at,
        "answered_at": question.answered_at,
    }
