"""Questions and answers while quotes are collected. Pure: time is an argument, no I/O.

Asking must not be an oracle for the client's identity. A question is not compared with it when asked. Its author and
the client read it at once as written; everybody else reads it only once the client publishes it with an answer, as
asked or reworded. A text that names the client cannot be published.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chassis.facts import Fact, Refusal
from contracts.facts import QuestionAnswered, QuestionAsked
from contracts.scan import Leak, contact_at
from services.projects.model.project import Project
from services.projects.model.scanning import Clean

MOST_QUESTIONS = 20
"""Limit for one mentor and one project."""


@dataclass
class Question:
    """A mentor's question about a project and the client's answer. ``asker`` numbers the mentors of the project.

    ``published`` is the question as all invited mentors read it, None until it is answered. ``confirmed`` are the
    places in it and in the answer (fields ``question`` and ``text``) that the client said are not itself.
    """

    id: str
    project_id: str
    account: str
    asker: int
    text: str
    created_at: datetime
    answer: str | None = None
    published: str | None = None
    answered_at: datetime | None = None
    confirmed: list[dict[str, Any]] = field(default_factory=list)
    version: int = 0

    @property
    def pseudonym(self) -> str:
        """The asker's name to all readers: numbered in order of first questions, within this project only."""
        return f"Mentor {self.asker}"

    def text_for(self, reader: str, *, client: bool) -> str | None:
        """The question as this reader reads it: as written for its author and the client, otherwise as published."""
        return self.text if client or reader == self.account else self.published


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
        raise Refusal("too-many-questions", f"You have asked {MOST_QUESTIONS} questions about this project.",
                      extra={"params": {"max": MOST_QUESTIONS}})
    _check_contact(contacts)
    if not earlier:
        project.askers += 1
    asker = earlier[0].asker if earlier else project.askers
    question = Question(question_id, project.id, account, asker, text, now)
    return question, [QuestionAsked(question_id=question_id, account=account)]


def answer(
    project: Project, question: Question, text: str, wording: str | None, check: Callable[[], Clean], now: datetime
) -> list[Fact]:
    """Answers a question, once, and publishes it in the client's ``wording``, or as asked if that is None.

    Every invited mentor reads both. ``check`` refuses them if one of them names the client.

    Raises ``window-ended``, ``already-awarded``, ``already-ended``, ``already-answered``, ``identity-leak``.
    """
    project.check_collecting(now)
    if question.answer is not None:
        raise Refusal("already-answered", "This question has already been answered; an answer cannot be changed.")
    clean = check()
    published = question.text if wording is None else wording
    question.answer, question.published, question.answered_at = text, published, now
    question.confirmed = [place._asdict() for place in clean.confirmed]
    return [QuestionAnswered(question_id=question.id)]


def _check_contact(found: Sequence[Leak]) -> None:
    if found:
        places = [contact_at("text", leak) for leak in found]
        raise Refusal("contact-data", "Remove the contact data from your question.", errors=places)
