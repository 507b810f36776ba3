"""Programmes and their rules."""

from datetime import timedelta
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError, fields, validate, validates

from chassis.facts import Coded
from chassis.http.pages import page_of
from contracts.fields import Distinct, Duration, Flag, Instant, Text, WholeNumber
from contracts.story import Example
from services.programmes.model.programme import COVERS, KINDS, LANGUAGES, MOST_CAPACITY, STATES

NAME = "Twenty with twenty"
MOST_COMPANIES = 50
PURPOSE = "Chacune de nos vingt dirigeantes découvre les usages numériques avec une jeune professionnelle."
CONTACT = {"name": "Claire Fontaine", "email": "claire.fontaine@pwn.example"}
EXAMPLE: Example = {
    "name": NAME, "kind": "pairing", "organisations": ["PWN Paris"], "language": "fr", "host": "PWN Paris",
    "purpose": PURPOSE, "contact": CONTACT,
}  # fmt: skip


def people(**kwargs: Any) -> WholeNumber:
    """How many people one person takes."""
    return WholeNumber(validate=validate.Range(1, MOST_CAPACITY), **kwargs)


class Period(Duration):
    """A duration; a view gives it in seconds, because the answer of a request with a key is stored."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return super()._serialize(timedelta(seconds=value), attr, obj, **kwargs)


class RulesSchema(Schema):
    """The rules that pairs follow; those left out keep their value."""

    EXAMPLE: ClassVar[Example] = {
        "cross_company": False, "same_chain": False, "same_team": False, "capacity": 1, "mentee_capacity": 1,
        "cover": "mentees", "answer_within": "P7D",
    }  # fmt: skip

    cross_company = Flag()
    same_chain = Flag()
    same_team = Flag()
    capacity = people()
    mentee_capacity = people()
    cover = fields.String(validate=validate.OneOf(COVERS))
    answer_within = Period()

    @validates("answer_within")
    def check_period(self, period: Any, **_: Any) -> None:
        """Raises ValidationError for a period outside a second to 60 days."""
        if not 1 <= period.total_seconds() <= 60 * 86_400:
            raise ValidationError(
                Coded("duration-out-of-range", "Give from one second (PT1S) to 60 days (P60D).", min=1, max=60 * 86_400)
            )


class ContactSchema(Schema):
    """The person who answers the participants' questions."""

    EXAMPLE: ClassVar[Example] = CONTACT

    name = Text(required=True)
    email = fields.Email(required=True, validate=validate.Length(max=254))


class ProgrammeBody(Schema):
    """``POST /api/programmes``"""

    EXAMPLE: ClassVar[Example] = EXAMPLE

    name = Text(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    organisations = Distinct(Text(), most=MOST_COMPANIES, load_default=list)
    rules = fields.Nested(RulesSchema, load_default=dict)
    language = fields.String(validate=validate.OneOf(LANGUAGES), load_default="fr")
    purpose = Text(least=0, most=2_000, load_default="")
    host = Text(least=0, load_default="")
    contact = fields.Nested(ContactSchema, load_default=None, allow_none=True)


class ProgrammeChangeBody(Schema):
    """``PATCH /api/programmes/{id}``"""

    EXAMPLE: ClassVar[Example] = {**EXAMPLE, "kind": ...}

    name = Text()
    organisations = Distinct(Text(), most=MOST_COMPANIES)
    rules = fields.Nested(RulesSchema)
    language = fields.String(validate=validate.OneOf(LANGUAGES))
    purpose = Text(least=0, most=2_000)
    host = Text(least=0)
    contact = fields.Nested(ContactSchema, allow_none=True)


class CopyBody(Schema):
    """``POST /api/programmes/{id}/copy``"""

    EXAMPLE: ClassVar[Example] = {"name": "Twenty with twenty, deuxième promotion"}

    name = Text(load_default=None)


class ProgrammeSchema(Schema):
    """A programme. Organisers and participants do not read its rules."""

    EXAMPLE: ClassVar[Example] = EXAMPLE | {
        "id": "programme-1", "state": "draft", "published_at": None, "closed_at": None, "copied_from": None,
        "my_part": ["owner"],
    }  # fmt: skip

    id = fields.String()
    name = fields.String()
    kind = fields.String()
    state = fields.String(validate=validate.OneOf(STATES))
    organisations = fields.List(fields.String())
    rules = fields.Nested(RulesSchema)
    language = fields.String()
    purpose = fields.String()
    host = fields.String()
    contact = fields.Nested(ContactSchema, allow_none=True)
    my_part = fields.List(fields.String())
    created_at = Instant()
    published_at = Instant(allow_none=True)
    closed_at = Instant(allow_none=True)
    copied_from = fields.String(allow_none=True)


ProgrammePage = page_of(ProgrammeSchema)


class LinkBody(Schema):
    """``POST /api/programmes/passes``"""

    token = Text(required=True)


class PassSchema(Schema):
    """A pass: the access token of a participant, for one programme alone."""

    EXAMPLE: ClassVar[Example] = {"programme_id": "programme-1", "ref": "M01", "expires_in": 43_200}

    access_token = fields.String()
    token_type = fields.String()
    expires_in = WholeNumber()
    programme_id = fields.String()
    ref = fields.String()
