"""Bodies of the internal routes for notify."""

from marshmallow import Schema, fields

from contracts.fields import Instant, Listed

MOST_ASKED = 100
"""Maximum number of addresses in one answer."""


class AddressSchema(Schema):
    """A person's address for notify."""

    email = fields.String()
    display_name = fields.String()
    locale = fields.String()


class AddressesQuery(Schema):
    """Whose addresses."""

    id = Listed(fields.String(), least=1, most=MOST_ASKED, required=True)


class AddressesSchema(Schema):
    """Addresses by account."""

    addresses = fields.Dict(keys=fields.String(), values=fields.Nested(AddressSchema))


class MailSchema(AddressSchema):
    """The data for sending an account mail; ``token`` is for its link, null without one.

    ``at``, ``confirmed`` and ``missing`` are values of its text, if it has them.
    """

    kind = fields.String()
    token = fields.String(allow_none=True)
    at = Instant()
    confirmed = fields.List(fields.String())
    missing = fields.List(fields.String())
