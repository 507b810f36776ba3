"""The HTTP bodies of this service, as docs/api.md pins them."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from chassis.http.pages import PageQuery, page_of
from contracts.fields import LANGUAGE, Day, Duration, HalfDays, Id, Instant, Money, Text, Texts, WholeNumber
from contracts.market import SIZES
from contracts.vocabulary import exists, suggest
from services.projects.membership import ROLES
from services.projects.orders import REGIMES, SIDES
from services.projects.reports import ACTIONS, STATES, STUCK

SIREN = validate.Regexp(r"\A[0-9]{9}\Z", error="A SIREN has nine digits.")
COUNTRY = validate.Regexp(r"\A[A-Z]{2}\Z", error="Give an ISO 3166-1 code, such as FR.")
VAT_NUMBER = validate.Regexp(r"\A[A-Z]{2}[0-9A-Z+*]{2,12}\Z", error="Give it with its country, without spaces.")
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


class ReportBody(Schema):
    """What is wrong; only operators read it."""

    reason = Text(most=2000, required=True)


class ReportedSchema(Schema):
    """The operators will look at it."""

    id = fields.String()
    created_at = Instant()


class ReportQuery(PageQuery):
    """``?state=&limit=&cursor=``"""

    state = fields.String(validate=validate.OneOf(STATES))


class ResolutionBody(Schema):
    """What an operator does about a report, and why."""

    action = fields.String(required=True, validate=validate.OneOf(ACTIONS))
    note = Text(most=2000, required=True)


class ResolutionSchema(ResolutionBody):
    """What was done, and when."""

    at = Instant()


class ReportSchema(Schema):
    """A report, to operators; the account that made it is empty once erased."""

    id = fields.String()
    project_id = fields.String()
    account = fields.String()
    side = fields.String(validate=validate.OneOf(SIDES))
    reason = fields.String()
    created_at = Instant()
    state = fields.String(validate=validate.OneOf(STATES))
    title = fields.String()
    brief = fields.String()
    project_state = fields.String()
    resolution = fields.Nested(ResolutionSchema)


class StuckProjectSchema(Schema):
    """A project that stays too long in a state, without its texts."""

    id = fields.String()
    state = fields.String()
    since = Instant()
    reason = fields.String(validate=validate.OneOf([reason for _, reason, _ in STUCK.values()]))


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


class AddressSchema(Schema):
    """Where invoices are addressed; ``country`` is ISO 3166-1."""

    street = Text(most=300, required=True)
    postal_code = Text(most=20, required=True)
    city = Text(most=100, required=True)
    country = fields.String(required=True, validate=COUNTRY)


class BillingBody(Schema):
    """``PUT /api/projects/billing/me``: ``vat_regime`` is the mentor's to say, ``purchase_order`` the client's."""

    legal_name = Text(required=True)
    address = fields.Nested(AddressSchema, required=True)
    siren = fields.String(validate=SIREN)
    vat_number = fields.String(validate=VAT_NUMBER)
    vat_regime = fields.String(validate=validate.OneOf(REGIMES))
    purchase_order = Text(most=60)


class BillingSchema(BillingBody):
    """What stands on invoices, to the side that gave it and on its orders."""


class OrderClientSchema(Schema):
    """The client as its mentor knows it since the award."""

    name = fields.String()
    contact = fields.Nested(ContactSchema)
    billing = fields.Nested(BillingSchema, allow_none=True)


class OrderMentorSchema(Schema):
    """The chosen mentor; ``id`` is the card's."""

    id = fields.String()
    billing = fields.Nested(BillingSchema, allow_none=True)


class OrderQuoteSchema(Schema):
    """The accepted quote, and where its receipt is checked."""

    id = fields.String()
    digest = fields.String()
    received_at = Instant()
    valid_until = Day()
    receipt_keys = fields.String()


class VatSchema(Schema):
    """The mentor's regime, None while it is not known, its rate in per cent and what an invoice says of it.

    ``amount`` stands where tax is charged.
    """

    regime = fields.String(allow_none=True, validate=validate.OneOf(REGIMES))
    rate = fields.Integer()
    amount = Money()
    note = fields.String()


class OrderSchema(Schema):
    """The order of an award. ``missing`` names the sides whose billing details the invoice must complete."""

    project_id = fields.String()
    number = fields.Integer()
    revision = fields.Integer()
    awarded_at = Instant()
    issued_at = Instant()
    revised_at = Instant(allow_none=True)
    title = fields.String()
    client = fields.Nested(OrderClientSchema)
    mentor = fields.Nested(OrderMentorSchema)
    quote = fields.Nested(OrderQuoteSchema)
    scope = fields.String()
    days = HalfDays()
    starts_on = Day()
    price = Money()
    vat = fields.Nested(VatSchema)
    total = Money()
    missing = fields.List(fields.String(validate=validate.OneOf(SIDES)))
    notes = fields.List(fields.String())


class ExportedProjectSchema(ProjectSchema):
    """A project with what only its own people see of it."""

    excluded_mentors = fields.List(fields.String())
    excluded_schools = fields.List(fields.String())
    revealed = fields.Nested(ClientSchema)


class ExportedQuestionSchema(Schema):
    """A question, to the mentor who asked it."""

    id = fields.String()
    project_id = fields.String()
    asker = fields.String(attribute="pseudonym")
    text = fields.String()
    created_at = Instant()


class ExportedAnswerSchema(Schema):
    """An answer, to the client that gave it; the question is its mentor's."""

    question_id = fields.String(attribute="id")
    project_id = fields.String()
    answer = fields.String()
    answered_at = Instant()


class ExportedReportSchema(Schema):
    """A report, to who made it."""

    id = fields.String()
    project_id = fields.String()
    reason = fields.String()
    created_at = Instant()
    state = fields.String()


class ExportSchema(Schema):
    """All that this service holds of a person."""

    organisation = fields.Nested(OrganisationSchema, allow_none=True)
    projects = fields.List(fields.Nested(ExportedProjectSchema))
    chosen_for = fields.List(fields.String())
    invited_to = fields.List(fields.String())
    questions = fields.List(fields.Nested(ExportedQuestionSchema))
    answers = fields.List(fields.Nested(ExportedAnswerSchema))
    reports = fields.List(fields.Nested(ExportedReportSchema))
    billing = fields.Nested(BillingSchema, allow_none=True)
    orders = fields.List(fields.Nested(OrderSchema))
