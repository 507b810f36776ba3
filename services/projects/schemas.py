"""The HTTP bodies of this service, as API.md pins them."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from chassis.http.pages import page_of
from contracts.fields import LANGUAGE, Duration, Id, Instant, Money, Text, Texts, WholeNumber
from contracts.vocabulary import exists, suggest
from services.projects.membership import ROLES

SIZES = ["micro", "small", "medium", "large", "group"]
SIREN = validate.Regexp(r"\A[0-9]{9}\Z", error="A SIREN has nine digits.")
DOMAIN = validate.Regexp(r"\A(?=.{4,253}\Z)([a-z0-9-]{1,63}\.)+[a-z]{2,63}\Z", error="Give a domain, such as acme.com.")


class Topic(fields.String):
    """An id of the vocabulary; the message suggests near ones."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        if not exists(text):
            raise ValidationError(f"Not in the vocabulary. Near: {', '.join(suggest(text[:100])) or 'nothing'}.")
        return text


class ContactSchema(Schema):
    """Whom the chosen mentor may write to."""

    name = Text(required=True)
    email = fields.Email(required=True, validate=validate.Length(max=254))
    phone = Text(most=40)


class OrganisationBody(Schema):
    """``PUT /api/organisations/me``: the identity that posting compares with."""

    name = Text(required=True)
    aliases = Texts(50, load_default=list)
    domains = fields.List(fields.String(validate=DOMAIN), validate=validate.Length(max=50), load_default=list)
    siren = fields.String(validate=SIREN)
    people = Texts(200, load_default=list)
    products = Texts(200, load_default=list)
    sector = Text(most=100, required=True)
    size = fields.String(required=True, validate=validate.OneOf(SIZES))
    contact = fields.Nested(ContactSchema, required=True)


class OrganisationSchema(OrganisationBody):
    """The organisation, to its own people."""

    verified = fields.Boolean()


class ColleagueBody(Schema):
    """What a colleague may do."""

    role = fields.String(required=True, validate=validate.OneOf(ROLES))


class ColleagueInvitationSchema(ColleagueBody):
    """An invitation to a colleague; the token is shown once."""

    token = fields.String()
    expires_at = Instant()


class MemberSchema(ColleagueBody):
    """Somebody who acts for the organisation."""

    id = fields.String()


class MemberList(Schema):
    """The members, in one page."""

    items = fields.List(fields.Nested(MemberSchema))
    next_cursor = fields.String(allow_none=True)


class ProjectBody(Schema):
    """``POST /api/projects``"""

    title = Text(required=True)
    brief = Text(least=20, most=20_000, required=True)
    topics = fields.List(Topic(), required=True, validate=validate.Length(1, 20))
    languages = fields.List(fields.String(validate=LANGUAGE), required=True, validate=validate.Length(1, 10))
    budget = Money(load_default=None, allow_none=True)
    window = Duration(load_default=None)
    close_early = fields.Boolean(load_default=True, truthy={True}, falsy={False})
    auto_extend = fields.Boolean(load_default=False, truthy={True}, falsy={False})
    excluded_mentors = fields.List(Id(), validate=validate.Length(max=200), load_default=list)
    excluded_schools = Texts(200, load_default=list)
    redact = fields.Boolean(load_default=False, truthy={True}, falsy={False})


class EndedSchema(Schema):
    """How the window ended."""

    at = Instant()
    reason = fields.String()
    quotes = fields.Integer()


class ReviewSchema(Schema):
    """What one side says of the other."""

    by = fields.String()
    rating = fields.Integer()
    comment = fields.String()


class ProjectSchema(Schema):
    """A project, to its client and the chosen mentor."""

    id = fields.String()
    state = fields.String()
    title = fields.String()
    brief = fields.String()
    topics = fields.List(fields.String())
    languages = fields.List(fields.String())
    budget = Money()
    window = Duration()
    closes_at = Instant()
    slots = fields.Integer()
    created_at = Instant()
    relaunched_from = fields.String()
    ended = fields.Nested(EndedSchema)
    quote_id = fields.String()
    reviews = fields.List(fields.Nested(ReviewSchema))


ProjectPage = page_of(ProjectSchema)


class ReasonBody(Schema):
    """Why; every mentor of the project reads it."""

    reason = Text(most=2000, required=True)


class AcceptanceBody(Schema):
    """The chosen quote."""

    quote_id = Id(required=True)


class AcceptanceSchema(Schema):
    """The choice, made."""

    id = fields.String()
    state = fields.String()
    quote_id = fields.String()


class ReviewBody(Schema):
    """``POST /api/projects/{id}/completion``"""

    rating = WholeNumber(required=True, validate=validate.Range(1, 5))
    comment = Text(least=0, most=2000, required=True)


class ShownOrganisation(Schema):
    """The organisation as the chosen mentor sees it."""

    name = fields.String()
    sector = fields.String()
    size = fields.String()
    verified = fields.Boolean()


class ClientSchema(Schema):
    """The reveal."""

    organisation = fields.Nested(ShownOrganisation)
    contact = fields.Nested(ContactSchema)
