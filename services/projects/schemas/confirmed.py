"""Places of a text that its client confirms not to be about itself."""

from typing import ClassVar

from marshmallow import Schema, fields, validate

from contracts.fields import Listed, WholeNumber
from contracts.story import Example
from services.projects.model.scanning import MOST_CONFIRMED


class ConfirmedPlace(Schema):
    """A doubtful place exactly as in ``leaks``: a word there is also a name of the client, but does not mean it."""

    EXAMPLE: ClassVar[Example] = {"field": "brief", "start": 8, "end": 13}

    field = fields.String(required=True, validate=validate.OneOf(["title", "brief", "reason", "text", "question"]))
    start = WholeNumber(required=True, validate=validate.Range(0))
    end = WholeNumber(required=True, validate=validate.Range(1))


def Confirmed() -> Listed:
    """Doubtful places that are confirmed; none by default."""
    return Listed(fields.Nested(ConfirmedPlace), most=MOST_CONFIRMED, load_default=list)
