"""Posting, reading and ending a project."""

from typing import ClassVar

from marshmallow import Schema, fields, validate

from chassis.http.pages import PageQuery, page_of
from contracts.fields import LANGUAGE, Duration, Flag, Id, Instant, Listed, Money, Skills, Text, Texts, WholeNumber
from contracts.market import ENDED_BY, MOST_EXCLUDED
from contracts.story import CHOSEN, DESCRIPTOR, ENDS, NAMES, PROJECT, Example
from contracts.wordings import SHOWN
from services.projects.model.preview import RANGES
from services.projects.model.project import STATES
from services.projects.model.scanning import MOST
from services.projects.schemas.confirmed import Confirmed


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
    client_shown = fields.String(validate=validate.OneOf(SHOWN), load_default=SHOWN[0])
    redact = Flag(load_default=False)
    confirmed = Confirmed()


class PreviewBody(ProjectBody):
    """``POST /api/projects/preview``: a posting as far as it is written; every field may be missing."""

    title = Text(least=0, most=MOST["title"], load_default="")
    brief = Text(least=0, most=MOST["brief"], load_default="")
    topics = Skills(most=20, least=0, load_default=list)
    languages = Listed(fields.String(validate=LANGUAGE), most=10, load_default=list)


class PlaceSchema(Schema):
    """A place that names the client, or may; offsets are in code points. ``confirmed`` ones are not asked about."""

    EXAMPLE: ClassVar[Example] = {"confirmed": False, **NAMES["leaks"][0]}

    field = fields.String()
    start = WholeNumber()
    end = WholeNumber()
    kind = fields.String()
    text = fields.String()
    certain = Flag()
    confirmed = Flag()


class SeenSchema(Schema):
    """A project as mentors would read it."""

    EXAMPLE: ClassVar[Example] = {"client": DESCRIPTOR}

    title = fields.String()
    brief = fields.String()
    topics = fields.List(fields.String())
    languages = fields.List(fields.String())
    client = fields.String()


class TopicSchema(Schema):
    """A skill of the vocabulary that the text mentions."""

    EXAMPLE: ClassVar[Example] = {"id": "crm"}

    id = fields.String()
    fr = fields.String()
    en = fields.String()


class WordingSchema(Schema):
    """A more general description of the client, for ``client_shown``, and how many organisations it fits."""

    EXAMPLE: ClassVar[Example] = {"shown": "size", "client": "grand groupe", "fitting_range": "5-to-19"}

    shown = fields.String(validate=validate.OneOf(SHOWN))
    client = fields.String()
    fitting_range = fields.String(validate=validate.OneOf(RANGES))


class PreviewSchema(Schema):
    """What a posting would give away, and what mentors would read. Counts are ranges, and null beyond ten a day."""

    EXAMPLE: ClassVar[Example] = {"fitting_organisations": 0, "fitting_range": "under-5", "few": True} | {
        "topics": [{"id": "crm", "fr": NAMES["fr"], "en": NAMES["en"]}],
    }

    leaks = fields.List(fields.Nested(PlaceSchema))
    mentors_see = fields.Nested(SeenSchema)
    topics = fields.List(fields.Nested(TopicSchema))
    fitting_organisations = WholeNumber(allow_none=True)  # at least so many
    fitting_range = fields.String(allow_none=True, validate=validate.OneOf(RANGES))
    few = Flag()
    wordings = fields.List(fields.Nested(WordingSchema))


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


class OwnReviewSchema(Schema):
    """The caller's own side's review."""

    EXAMPLE: ClassVar[Example] = {"at": CHOSEN}

    rating = WholeNumber()
    comment = fields.String()
    at = Instant()


class ProjectQuery(PageQuery):
    """``?state=&state=&limit=&cursor=``"""

    state = fields.List(fields.String(validate=validate.OneOf(STATES)), load_default=list)


class ProjectSchema(Schema):
    """A project, as its client and the chosen mentor see it."""

    EXAMPLE: ClassVar[Example] = {
        "id": PROJECT,
        "state": "collecting",
        "relaunched_from": ...,
        "ended": ...,
        "quote_id": ...,
        "reviews": ...,
        "my_review": ...,
        "reviews_at": ...,
        "choose_until": ...,
        "awarded_at": ...,
        "completed_at": ...,
        "ended_by": ...,
        "ended_for": ...,
        "relaunched_as": ...,
        "client_shown": ...,
        "unanswered": 0,
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
    my_review = fields.Nested(OwnReviewSchema)
    reviews_at = Instant()  # when they show, even if the other side stays silent
    choose_until = Instant()
    awarded_at = Instant()
    completed_at = Instant()
    ended_by = fields.String(validate=validate.OneOf(ENDED_BY))
    ended_for = fields.String()
    relaunched_as = fields.String()
    client_shown = fields.String(validate=validate.OneOf(SHOWN))  # if it is not both
    unanswered = WholeNumber()  # questions, while they can be answered


ProjectPage = page_of(ProjectSchema)


class ReasonBody(Schema):
    """The reason, which every mentor of the project reads."""

    reason = Text(most=2000, required=True)
    confirmed = Confirmed()


class RelaunchBody(Schema):
    """``POST /api/projects/{id}/relaunch``, where names have changed since: places in the texts as they were posted."""

    confirmed = Confirmed()


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
