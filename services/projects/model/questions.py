"""Questions and answers while quotes are collected. Pure: time is an argument, no I/O.

Asking must not be an oracle for the client's identity: a question is not compared with it when asked, and its author
always reads it as written. All other readers, the client included, read it masked (`texts_for`).
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
"""Limit for one mentor and one project."""


@dataclass
class Question:
    """A mentor's question about a project and the client's answer. ``asker`` numbers the mentors of the project."""

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
        """The asker's name to all readers: numbered in order of first questions, within this project only."""
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
    """The question and its event, which does not contain the text. ``earlier`` are the mentor's questions about this
    project so far; ``contacts`` is the contact data in the text.

    Raises ``window-ended``, ``already-awarded``, ``already-ended``, ``too-many-questions``, ``contact-data``.
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

    Raises ``window-ended``, ``already-awarded``, ``already-ended``, ``already-answered``, ``identity-leak``.
    """
    project.check_collecting(now)
    if question.answer is not None:
        raise Refusal("already-answered", "This question has already been answered; an answer cannot be changed.")
    check()
    question.answer, question.answered_at = text, now
    return [QuestionAnswered(question_id=question.id)]


def texts_for(reader: str, questions: Sequence[Question], identity: Identity | None) -> Mapping[str, str]:
    """The questions' texts by id: the reader's own as written, all others with the client's identity redacted.

    If the identity is no longer known, the others' texts are masked entirely.
    """
    own = {question.id: question.text for question in questions if question.account == reader}
    others = {question.id: question.text for question in questions if question.account != reader}
    if identity is None:
        return own | dict.fromkeys(others, MASK)
    return own | scan(others, identity, redacting=True)


def _check_contact(found: Sequence[Leak]) -> None:
    if found:
        places = [{"field": "text", "message": f"{leak.kind} at {leak.start}"} for leak in found]
        raise Refusal("contact-data", "Remove the contact data from your question.", errors=places)
