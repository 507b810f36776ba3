"""Agendas of meetings, and the self-assessment."""

from typing import ClassVar

from marshmallow import Schema, fields, validate

from contracts.fields import WholeNumber
from contracts.story import Example
from services.programmes.model.agendas import LANGUAGES, meetings_for
from services.programmes.model.assessment import HIGHEST, LOWEST, MOMENTS, SCALE, statements
from services.programmes.model.participants import MENTEE, SIDES
from services.programmes.views.agendas import meeting_view

STATEMENTS = statements(MENTEE, "fr")
ANSWERS = {one.id: 3 for one in STATEMENTS}


class EachSideSchema(Schema):
    """What each side does before the meeting."""

    mentor = fields.String()
    mentee = fields.String()


class StepSchema(Schema):
    """One step of a meeting; ``starts_at`` is in minutes from its start."""

    starts_at = WholeNumber()
    minutes = WholeNumber()
    what = fields.String()


class QuestionsSchema(Schema):
    """Open questions, by the side that asks them."""

    mentor = fields.List(fields.String())
    mentee = fields.List(fields.String())


class ExerciseSchema(Schema):
    """What the two do together."""

    title = fields.String()
    steps = fields.List(fields.String())


class MeetingSchema(Schema):
    """One meeting of an hour. ``mentor_note`` is for mentors and for those who run the programme."""

    EXAMPLE: ClassVar[Example] = meeting_view(meetings_for(["data-literacy"], "fr")[0], with_note=True)

    number = WholeNumber()
    id = fields.String()
    title = fields.String()
    aim = fields.String()
    before = fields.Nested(EachSideSchema)
    steps = fields.List(fields.Nested(StepSchema))
    questions = fields.Nested(QuestionsSchema)
    exercise = fields.Nested(ExerciseSchema)
    attempt = fields.String()
    mentor_note = fields.String()


class AgendasSchema(Schema):
    """The six meetings of a pair, the topics that the mentee wants first."""

    language = fields.String(validate=validate.OneOf(LANGUAGES))
    items = fields.List(fields.Nested(MeetingSchema))


class StatementSchema(Schema):
    """A statement to be answered from 1 to 5."""

    EXAMPLE: ClassVar[Example] = vars(STATEMENTS[0])

    id = fields.String()
    text = fields.String()


class ScaleSchema(Schema):
    """What a number means."""

    EXAMPLE: ClassVar[Example] = {"value": HIGHEST, "text": SCALE["fr"][-1]}

    value = WholeNumber()
    text = fields.String()


class AssessmentSchema(Schema):
    """The self-assessment of the caller's side; ``open`` names the moments at which they may answer now."""

    EXAMPLE: ClassVar[Example] = {"side": MENTEE, "open": ["start"]}

    side = fields.String(validate=validate.OneOf(SIDES))
    scale = fields.List(fields.Nested(ScaleSchema))
    statements = fields.List(fields.Nested(StatementSchema))
    open = fields.List(fields.String(validate=validate.OneOf(MOMENTS)))


class AnswersBody(Schema):
    """``PUT /api/programmes/{id}/assessment/{moment}``: an answer from 1 to 5 to each statement."""

    EXAMPLE: ClassVar[Example] = {"answers": ANSWERS}

    answers = fields.Dict(
        keys=fields.String(validate=validate.Length(max=64)),
        values=WholeNumber(validate=validate.Range(LOWEST, HIGHEST)),
        required=True,
        validate=validate.Length(max=20),
    )


class ComparisonSchema(Schema):
    """The caller's own answers to one statement."""

    EXAMPLE: ClassVar[Example] = {**vars(STATEMENTS[0]), "before": 2, "after": 4, "change": 2}

    id = fields.String()
    text = fields.String()
    before = WholeNumber(allow_none=True)
    after = WholeNumber(allow_none=True)
    change = WholeNumber(allow_none=True)


class OwnAnswersSchema(Schema):
    """The caller's own answers, before and after. Nobody else reads them."""

    EXAMPLE: ClassVar[Example] = {"answered": list(MOMENTS)}

    answered = fields.List(fields.String(validate=validate.OneOf(MOMENTS)))
    items = fields.List(fields.Nested(ComparisonSchema))
