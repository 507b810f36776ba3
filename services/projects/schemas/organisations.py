"""The client's organisation and its members."""

from typing import Any, ClassVar

from marshmallow import Schema, ValidationError, fields, pre_load, validate, validates

from chassis.facts import Coded
from contracts.fields import Flag, Instant, Listed, Text, Texts
from contracts.market import SIZES
from contracts.scan import is_no_name
from contracts.sectors import SECTORS
from contracts.story import CLIENT, INVITATION, Example
from services.projects.model.organisation import ROLES

SIREN = validate.Regexp(r"\A[0-9]{9}\Z", error=Coded("not-a-siren", "A SIREN has nine digits."))


DOMAIN = validate.Regexp(
    r"\A(?=.{4,253}\Z)([a-z0-9-]{1,63}\.)+[a-z]{2,63}\Z",
    error=Coded("not-a-domain", "Give a domain, such as acme.com."),
)


class ContactSchema(Schema):
    """The person whom the chosen mentor may contact."""

    name = Text(required=True)
    email = fields.Email(required=True, validate=validate.Length(max=254))
    phone = Text(most=40)


class SectorSchema(Schema):
    """A sector of the closed list."""

    EXAMPLE: ClassVar[Example] = {"id": "food", "fr": SECTORS["food"].fr, "en": SECTORS["food"].en}

    id = fields.String()
    fr = fields.String()
    en = fields.String()


class SectorList(Schema):
    """The closed list of sectors, in one page."""

    items = fields.List(fields.Nested(SectorSchema))
    next_cursor = fields.String(allow_none=True)


class OrganisationBody(Schema):
    """``PUT /api/organisations/me``: the identity that posted texts are scanned for.

    ``sector`` is in the client's own words, for the chosen mentor; ``sector_id`` chooses what all others read. An
    answer may be sent back as it was read: its ``sector_shown`` follows from the other two, and is ignored.
    """

    EXAMPLE: ClassVar[Example] = {"name": "Nestlé Waters", "sector_id": "food"}

    name = Text(required=True)
    aliases = Texts(50, load_default=list)
    domains = Listed(fields.String(validate=DOMAIN), most=50, load_default=list)
    siren = fields.String(validate=SIREN)
    people = Texts(200, load_default=list)
    products = Texts(200, load_default=list)
    sector = Text(most=100, required=True)
    sector_id = fields.String(validate=validate.OneOf(list(SECTORS)))
    size = fields.String(required=True, validate=validate.OneOf(SIZES))
    contact = fields.Nested(ContactSchema, required=True)

    @pre_load
    def ignore_what_follows(self, data: Any, **_: Any) -> Any:
        """Drops ``sector_shown``, which clients send back with the rest of an answer."""
        return {name: data[name] for name in data if name != "sector_shown"} if isinstance(data, dict) else data


class OrganisationSchema(OrganisationBody):
    """The organisation, as its own members see it. ``sector_shown`` is what mentors read of its sector."""

    sector_shown = fields.Nested(SectorSchema)
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

    EXAMPLE: ClassVar[Example] = {"id": CLIENT, "role": "owner", "display_name": "Hélène"}

    id = fields.String()
    display_name = fields.String()


class MemberNameBody(Schema):
    """``PUT /api/organisations/me/members/me``: the name that colleagues read."""

    EXAMPLE: ClassVar[Example] = {"display_name": "Hélène"}

    display_name = Text(most=100, required=True)

    @validates("display_name")
    def check_name(self, name: str, **_: Any) -> None:
        """Raises ValidationError for a link, an address or a telephone number."""
        if is_no_name(name):
            message = "Give a name without links, addresses or telephone numbers."
            raise ValidationError(Coded("not-a-name", message))


class OpenInvitationSchema(ColleagueBody):
    """An invitation to a colleague that can still be accepted."""

    EXAMPLE: ClassVar[Example] = {"id": INVITATION, "role": "member", "expires_at": "2026-11-30T09:00:00.000Z"}

    id = fields.String()
    expires_at = Instant()


class OpenInvitationList(Schema):
    """The open invitations, in one page."""

    items = fields.List(fields.Nested(OpenInvitationSchema))
    next_cursor = fields.String(allow_none=True)


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
