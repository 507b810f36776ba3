"""Billing details and order confirmations."""

from typing import ClassVar

from marshmallow import Schema, fields, validate

from chassis.facts import Coded
from contracts.fields import Day, HalfDays, Instant, Money, Text, WholeNumber
from contracts.story import CARD, QUOTE, Example
from services.projects.model.orders import REGIMES, SIDES
from services.projects.schemas.organisations import SIREN, ContactSchema

COUNTRY = validate.Regexp(r"\A[A-Z]{2}\Z", error=Coded("not-a-country", "Give an ISO 3166-1 code, such as FR."))


VAT_NUMBER = validate.Regexp(
    r"\A[A-Z]{2}[0-9A-Z+*]{2,12}\Z", error=Coded("not-a-vat-number", "Give the country code first; no spaces.")
)


class AddressSchema(Schema):
    """Postal address for invoices; ``country`` is ISO 3166-1."""

    street = Text(most=300, required=True)
    postal_code = Text(most=20, required=True)
    city = Text(most=100, required=True)
    country = fields.String(required=True, validate=COUNTRY)


class BillingBody(Schema):
    """``PUT /api/projects/billing/me``: ``vat_regime`` for mentors only, ``purchase_order`` for clients only."""

    EXAMPLE: ClassVar[Example] = {
        "vat_regime": "franchise",
        "siren": "852379612",
        "purchase_order": ...,
        "vat_number": ...,
    }

    legal_name = Text(required=True)
    address = fields.Nested(AddressSchema, required=True)
    siren = fields.String(validate=SIREN)
    vat_number = fields.String(validate=VAT_NUMBER)
    vat_regime = fields.String(validate=validate.OneOf(REGIMES))
    purchase_order = Text(most=60)


class BillingSchema(BillingBody):
    """Billing details, as shown to the side that gave them and on its orders."""


class OrderClientSchema(Schema):
    """The client, as its mentor sees it after the award."""

    EXAMPLE: ClassVar[Example] = {"name": "Nestlé Waters", "billing": None}

    name = fields.String()
    contact = fields.Nested(ContactSchema)
    billing = fields.Nested(BillingSchema, allow_none=True)


class OrderMentorSchema(Schema):
    """The chosen mentor; ``id`` is the id of the public card."""

    EXAMPLE: ClassVar[Example] = {"id": CARD}

    id = fields.String()
    billing = fields.Nested(BillingSchema, allow_none=True)


class OrderQuoteSchema(Schema):
    """The accepted quote, and where to get the keys that verify its receipt."""

    EXAMPLE: ClassVar[Example] = {"id": QUOTE}

    id = fields.String()
    digest = fields.String()
    received_at = Instant()
    valid_until = Day()
    receipt_keys = fields.String()


class VatSchema(Schema):
    """The mentor's VAT regime (null while unknown), its rate in per cent and the note for invoices.

    ``amount`` is present if tax is charged.
    """

    EXAMPLE: ClassVar[Example] = {
        "regime": "franchise",
        "rate": 0,
        "amount": ...,
        "note": "TVA non applicable, art. 293 B du CGI.",
    }

    regime = fields.String(allow_none=True, validate=validate.OneOf(REGIMES))
    rate = WholeNumber()
    amount = Money()
    note = fields.String()


class OrderSchema(Schema):
    """The order of an award. ``missing`` names the sides whose billing details are unknown."""

    EXAMPLE: ClassVar[Example] = {"missing": ["client"], "notes": ["Aucun paiement n’est encaissé par Relève."]}

    project_id = fields.String()
    number = WholeNumber()
    revision = WholeNumber()
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
