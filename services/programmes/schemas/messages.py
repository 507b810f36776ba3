"""The internal answer to notify."""

from datetime import datetime
from typing import Any

from marshmallow import Schema, fields

from chassis.events import rfc3339


class Values(fields.Field[dict[str, Any]]):
    """The values of a message's words: texts, numbers and instants."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> dict[str, Any]:
        return {name: rfc3339(item) if isinstance(item, datetime) else item for name, item in value.items()}


class MessageSchema(Schema):
    """A message: its recipient, its link and the values of its words. An instant is written as RFC 3339."""

    kind = fields.String()
    email = fields.String(allow_none=True)
    account = fields.String(allow_none=True)
    display_name = fields.String()
    locale = fields.String()
    page = fields.String()
    token = fields.String(allow_none=True)
    timezone = fields.String()  # empty if unknown
    values = Values()
