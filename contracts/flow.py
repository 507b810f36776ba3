"""Events as operators see them flow: envelopes, never a payload."""

from typing import ClassVar

from marshmallow import Schema, fields

from contracts.fields import Flag, Instant, WholeNumber
from contracts.story import POSTED, PROJECT, Example


class FlowSchema(Schema):
    """An event of a service without its payload. ``published`` is false while it waits for the brokers."""

    EXAMPLE: ClassVar[Example] = {
        "id": "event-1",
        "type": "releve.project.posted.v1",
        "subject": PROJECT,
        "sequence": 1,
        "service": "projects",
        "time": POSTED,
        "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
        "published": True,
    }

    id = fields.String()
    type = fields.String()
    subject = fields.String()
    sequence = WholeNumber()
    service = fields.String()
    time = Instant()
    trace_id = fields.String()
    published = Flag()
