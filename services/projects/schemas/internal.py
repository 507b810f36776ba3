"""The body of the internal route for accounts."""

from marshmallow import Schema

from contracts.fields import Flag


class CommitmentsSchema(Schema):
    """Whether an award binds a person."""

    bound = Flag()
