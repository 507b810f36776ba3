"""What notify asks for."""

from marshmallow import Schema, fields


class AddressSchema(Schema):
    """Where notify reaches a person."""

    email = fields.String()
    display_name = fields.String()
    locale = fields.String()


class MailSchema(AddressSchema):
    """What notify needs to send a mail of ours; ``token`` is for the link, where there is one."""

    kind = fields.String()
    token = fields.String(allow_none=True)
