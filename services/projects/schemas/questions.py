"""Questions and answers."""

from marshmallow import Schema, fields

from chassis.http.pages import page_of
from contracts.fields import Instant, Text


class QuestionBody(Schema):
    """What a mentor wants to know."""

    text = Text(most=2000, required=True)


class AnswerBody(Schema):
    """What the client says; every invited mentor reads it."""

    text = Text(most=2000, required=True)


class QuestionSchema(Schema):
    """A question as its reader may see it, with its answer once there is one."""

    id = fields.String()
    asker = fields.String()
    text = fields.String()
    answer = fields.String(allow_none=True)
    created_at = Instant()
    answered_at = Instant(allow_none=True)


QuestionPage = page_of(QuestionSchema)
