"""The client's organisation and its members."""

from typing import ClassVar

from marshmallow import Schema, fields, validate

from contracts.fields import Flag, Instant, Listed, Text, Texts
from contracts.market import SIZES
from contracts.story import CLIENT, Example
from services.projects.model.organisation import ROLES

SIREN = validate.Regexp(r"\A[0-9]{9}\Z", error="A SIREN has nine digits.")


DOMAIN = validate.Regexp(r"\A(?=.{4,253}\Z)([a-z0-9-]{1,63}\.)+[a-z]{2,63}\Z", error="Give a domain, such as acme.com.")


class ContactSchema(Schema):
    """The person whom the chosen mentor may contact."""

    name = Text(required=True)
    email = fields.Email(required=True, validate=validate.Length(max=254))
    phone = Text(most=40)


class OrganisationBody(Schema):
    """``PUT /api/organisations/me``: the identity that posted texts are scanned for."""

    EXAMPLE: ClassVar[Example] = {"name": "Nestlé Waters"}

    name = Text(required=True)
    aliases = Texts(50, load_default=list)
    domains = Listed(fields.String(validate=DOMAIN), most=50, load_default=list)
    siren = fields.String(validate=SIREN)
    people = Texts(200, load_default=list)
    products = Texts(200, load_default=list)
    sector = Text(most=100, required=True)
    size = fields.String(required=True, validate=validate.OneOf(SIZES))
    contact = fields.Nested(ContactSchema, required=True)


class OrganisationSchema(OrganisationBody):
    """The organisation, as its own members see it."""

    verified = Flag()


class ColleagueBody(Schema):
    """A colleague's role."""

    EXAMPLE: ClassVar[Example] = {"role": "member"}

    role = fields.String(required=True, validate=validate.OneOf(ROLES))


class ColleagueInvitationSchema(ColleagueBody):
    """An invitation to a colleague; the token is shown once."""

    EXAMPLE: ClassVar[Example] = {"role": "member", "expires_at": "2026-11-30T09:00:00.000Z"}

    token = fields.String()
    expires_at = Instant()


class MemberSchema(ColleagueBody):
    """A member of the organisation."""

    EXAMPLE: ClassVar[Example] = {"id": CLIENT, "role": "owner"}

    id = fields.String()


class MemberList(Schema):
    """The members, in one page."""

    items = fields.List(fields.Nested(MemberSchema))
    next_cursor = fields.String(allow_none=True)


class ShownOrganisation(Schema):
    """The organisation as the chosen mentor sees it."""

    EXAMPLE: ClassVar[Example] = {"name": "Nestlé Waters"}

    name = fields.String()
    sector = fields.String()
    size = fields.String()
    verified = Flag()


class ClientSchema(Schema):
    """The client's identity, as revealed to the chosen mentor."""

    organisation = fields.Nested(ShownOrganisation)
    contact = fields.Nested(ContactSchema)
