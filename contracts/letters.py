"""A service's dead letters, as operators read them and act on them: envelopes and reasons, never a payload."""

from typing import ClassVar

from marshmallow import Schema, fields

from contracts.fields import Instant, Text, WholeNumber
from contracts.story import CHOSEN, PROJECT, Example


class LetterSchema(Schema):
    """An event that a service could not handle, without its payload.

    ``state`` is `waits`; `replaying` or `dropping` until the service has done it; `replayed` or `dropped`. ``attempts``
    is 0 for an event that only follows another one of its subject. ``tried_at`` and ``tried_reason`` tell of the last
    replay that failed. ``by`` is an account, or a user of the machine for a command at a terminal.
    """

    EXAMPLE: ClassVar[Example] = {
        "id": "0:12",
        "state": "waits",
        "type": "releve.project.posted.v1",
        "subject": PROJECT,
        "event_id": "event-1",
        "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
        "origin": "releve.projects.v1/3/41",
        "at": CHOSEN,
        "attempts": 5,
        "reason": "handler failed: builtins.ValueError",
        "by": "",
        "done_at": None,
        "tried_at": None,
        "tried_reason": "",
    }

    id = fields.String()
    state = fields.String()
    type = fields.String()
    subject = fields.String()
    event_id = fields.String()
    trace_id = fields.String()
    origin = fields.String()
    at = Instant()
    attempts = WholeNumber()
    reason = fields.String()
    by = fields.String()
    done_at = Instant(allow_none=True)
    tried_at = Instant(allow_none=True)
    tried_reason = fields.String()


class LetterPage(Schema):
    """A page of dead letters, with the number of all that wait."""

    EXAMPLE: ClassVar[Example] = {"waiting": 1, "next_cursor": None}

    items = fields.List(fields.Nested(LetterSchema))
    next_cursor = fields.String(allow_none=True)
    waiting = WholeNumber()


class LetterBody(Schema):
    """Why an operator replays or drops a dead letter, for operators."""

    EXAMPLE: ClassVar[Example] = {"reason": "Le défaut est corrigé depuis la version 0.2.1."}

    reason = Text(most=500, required=True)


LETTERS = (LetterSchema, LetterPage, LetterBody)
"""The schemas of the routes in `chassis.http.letters`."""
