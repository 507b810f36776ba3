"""Questions and answers."""

from typing import ClassVar

from marshmallow import Schema, fields

from chassis.http.pages import page_of
from contracts.fields import Instant, Text
from contracts.story import ANSWER_TEXT, ASKED, QUESTION, Example


class QuestionBody(Schema):
    """A mentor's question."""

    text = Text(most=2000, required=True)


class AnswerBody(Schema):
    """The client's answer, which every invited mentor reads."""

    EXAMPLE: ClassVar[Example] = {"text": ANSWER_TEXT}

    text = Text(most=2000, required=True)


class QuestionSchema(Schema):
    """A question as its reader may see it, with its answer if there is one."""

    EXAMPLE: ClassVar[Example] = {"id": QUESTION, "created_at": ASKED}

    id = fields.String()
    asker = fields.String()
    text = fields.String()
    answer = fields.String(allow_none=True)
    created_at = Instant()
    answered_at = Instant(allow_none=True)


QuestionPage = page_of(QuestionSchema)
