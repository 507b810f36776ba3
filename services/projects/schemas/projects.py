"""Posting, reading and ending a project."""

from typing import ClassVar

from marshmallow import Schema, fields, validate

from chassis.http.pages import page_of
from contracts.fields import LANGUAGE, Duration, Flag, Id, Instant, Listed, Money, Skills, Text, Texts, WholeNumber
from contracts.market import MOST_EXCLUDED
from contracts.story import ENDS, PROJECT, Example
from services.projects.model.scanning import MOST


class ProjectBody(Schema):
    """``POST /api/projects``"""

    title = Text(most=MOST["title"], required=True)
    brief = Text(least=20, most=MOST["brief"], required=True)
    topics = Skills(most=20, required=True)
    languages = Listed(fields.String(validate=LANGUAGE), least=1, most=10, required=True)
    budget = Money(load_default=None, allow_none=True)
    window = Duration(load_default=None)
    close_early = Flag(load_default=True)
    auto_extend = Flag(load_default=False)
    excluded_mentors = Listed(Id(), most=200, load_default=list)
    excluded_schools = Texts(MOST_EXCLUDED, load_default=list)
    redact = Flag(load_default=False)


class EndedSchema(Schema):
    """How the window ended."""

    EXAMPLE: ClassVar[Example] = {"at": ENDS, "reason": "deadline", "quotes": 5}

    at = Instant()
    reason = fields.String()
    quotes = WholeNumber()


class ReviewSchema(Schema):
    """One side's review of the other."""

    EXAMPLE: ClassVar[Example] = {"by": "client"}

    by = fields.String()
    rating = WholeNumber()
    comment = fields.String()


class ProjectSchema(Schema):
    """A project, as its client and the chosen mentor see it."""

    EXAMPLE: ClassVar[Example] = {
        "id": PROJECT,
        "state": "collecting",
        "relaunched_from": ...,
        "ended": ...,
        "quote_id": ...,
        "reviews": ...,
    }

    id = fields.String()
    state = fields.String()
    title = fields.String()
    brief = fields.String()
    topics = fields.List(fields.String())
    languages = fields.List(fields.String())
    budget = Money()
    window = Duration()
    closes_at = Instant()
    slots = WholeNumber()
    created_at = Instant()
    relaunched_from = fields.String()
    ended = fields.Nested(EndedSchema)
    quote_id = fields.String()
    reviews = fields.List(fields.Nested(ReviewSchema))


ProjectPage = page_of(ProjectSchema)


class ReasonBody(Schema):
    """The reason, which every mentor of the project reads."""

    reason = Text(most=2000, required=True)


class AcceptanceBody(Schema):
    """The chosen quote."""

    quote_id = Id(required=True)


class AcceptanceSchema(Schema):
    """The accepted choice."""

    EXAMPLE: ClassVar[Example] = {"id": PROJECT, "state": "awarded"}

    id = fields.String()
    state = fields.String()
    quote_id = fields.String()


class ReviewBody(Schema):
    """``POST /api/projects/{id}/completion``"""

    rating = WholeNumber(required=True, validate=validate.Range(1, 5))
    comment = Text(least=0, most=2000, required=True)
