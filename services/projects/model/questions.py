"""Questions and answers while quotes are collected. Pure: time is an argument, no I/O.

Asking is no oracle: nothing compares a question with the client's identity when it is asked, and its author always
reads it as it was written. Everybody else, the client included, reads it masked (`texts_for`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis.facts import Fact, Refusal
from contracts.facts import QuestionAnswered, QuestionAsked
from contracts.scan import Leak
from services.projects.model.leaks import MASK, Identity
from services.projects.model.project import Project
from services.projects.model.scanning import scan

MOST_QUESTIONS = 20
"""Of one mentor about one project."""


@dataclass
class Question:
    """What one mentor wants to know of a project, and what the client says. ``asker`` counts within the project."""

    id: str
    project_id: str
    account: str
    asker: int
    text: str
    created_at: datetime
    answer: str | None = None
    answered_at: datetime | None = None
    version: int = 0

    @property
    def pseudonym(self) -> str:
        """What all readers call the asker: the order of the mentors' first questions, and of this project alone."""
        return f"Mentor {self.asker}"


def ask(
    project: Project,
    question_id: str,
    account: str,
    text: str,
    contacts: Sequence[Leak],
    earlier: Sequence[Question],
    now: datetime,
) -> tuple[Question, list[Fact]]:
    """The question and its event, which does not hold its text. ``earlier`` are this mentor's about this project,
    ``contacts`` the contact data in the text.

    ``window-ended``, ``already-awarded``, ``already-ended``, ``too-many-questions``; ``contact-data`` with the places.
    """
    project.check_collecting(now)
    if len(earlier) >= MOST_QUESTIONS:
        raise Refusal("too-many-questions", f"You have asked {MOST_QUESTIONS} questions about this project.")
    _check_contact(contacts)
    if not earlier:
        project.askers += 1
    asker = earlier[0].asker if earlier else project.askers
    question = Question(question_id, project.id, account, asker, text, now)
    return question, [QuestionAsked(question_id=question_id, account=account)]


def answer(project: Project, question: Question, text: str, check: Callable[[], object], now: datetime) -> list[Fact]:
    """Answers a question, once; every invited mentor reads it. ``check`` refuses a text that names the client.

    ``window-ended``, ``already-awarded``, ``already-ended``, ``already-answered``; ``identity-leak`` as in posting.
    """
    project.check_collecting(now)
    if question.answer is not None:
        raise Refusal("already-answered", "This question has its answer; it cannot be changed.")
    check()
    question.answer, question.answered_at = text, now
    return [QuestionAnswered(question_id=question.id)]


def texts_for(reader: str, questions: Sequence[Question], identity: Identity | None) -> Mapping[str, str]:
    """The questions' texts by id: the reader's own as written, all others without what tells who the client is.

    Where the identity is no longer known, nothing of the others' texts is shown.
    """
    own = {question.id: question.text for question in questions if question.account == reader}
    others = {question.id: question.text for question in questions if question.account != reader}
    if identity is None:
        return own | dict.fromkeys(others, MASK)
    return own | scan(others, identity, redacting=True)


def _check_contact(found: Sequence[Leak]) -> None:
    if found:
        places = [{"field": "text", "message": f"{leak.kind} at {leak.start}"} for leak in found]
        raise Refusal("contact-data", "Take the contact data out of your question.", errors=places)
