"""Questions and answers."""

from typing import ClassVar

from marshmallow import Schema, fields

from chassis.http.pages import page_of
from contracts.fields import Instant, Text
from contracts.story import ANSWER_TEXT, ASKED, QUESTION, QUESTION_TEXT, Example
from services.projects.schemas.confirmed import Confirmed


class QuestionBody(Schema):
    """A mentor's question."""

    text = Text(most=2000, required=True)


class AnswerBody(Schema):
    """The client's answer, and optionally the question in other words: every invited mentor reads both."""

    EXAMPLE: ClassVar[Example] = {"text": ANSWER_TEXT, "question": QUESTION_TEXT}

    text = Text(most=2000, required=True)
    question = Text(most=2000, load_default=None, allow_none=True)
    confirmed = Confirmed()


class QuestionSchema(Schema):
    """A question as its reader may see it, with its answer if there is one.

    ``question`` is its published wording: what all invited mentors read, null until it is answered.
    """

    EXAMPLE: ClassVar[Example] = {"id": QUESTION, "created_at": ASKED, "question": QUESTION_TEXT}

    id = fields.String()
    asker = fields.String()
    text = fields.String()
    question = fields.String(allow_none=True)
    answer = fields.String(allow_none=True)
    created_at = Instant()
    answered_at = Instant(allow_none=True)


QuestionPage = page_of(QuestionSchema)
