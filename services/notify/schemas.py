"""The HTTP bodies of this service, as pinned in docs/api.md."""

from typing import ClassVar

from marshmallow import Schema, fields, validate

from chassis.facts import Coded
from chassis.http.pages import PageQuery, QueryFlag
from contracts.fields import Flag, Id, Instant, WholeNumber, Zone
from contracts.story import LOUIS, NOTIFICATION, THOMAS, TITLE, Example
from services.notify.model.audience import KINDS
from services.notify.model.people import DIGESTS

CLOCK = validate.Regexp(r"\A([01][0-9]|2[0-3]):[0-5][0-9]\Z", error=Coded("not-a-clock", "Give a time such as 20:00."))


class NotificationQuery(PageQuery):
    """``?unread=&limit=&cursor=``"""

    unread = QueryFlag(load_default=False)


class NotificationSchema(Schema):
    """One notification, in the recipient's language."""

    EXAMPLE: ClassVar[Example] = {
        "id": NOTIFICATION,
        "title": f"Un projet vous attend : « {TITLE} »",
        "body": f"Vos compétences correspondent à « {TITLE} ».",
        "programme_id": None,
    }

    id = fields.String()
    kind = fields.String(validate=validate.OneOf(KINDS))
    title = fields.String()
    body = fields.String()
    project_id = fields.String(allow_none=True)  # null for a notification about a programme
    programme_id = fields.String(allow_none=True)
    created_at = Instant()
    read_at = Instant(allow_none=True)


class UnreadSchema(Schema):
    """How many notifications are unread."""

    EXAMPLE: ClassVar[Example] = {"unread": 3}

    unread = WholeNumber()


class UntilBody(Schema):
    """``POST /api/notifications/read``: this notification and all older ones."""

    EXAMPLE: ClassVar[Example] = {"until": NOTIFICATION}

    until = Id(required=True)


class ReadSchema(UnreadSchema):
    """How many notifications were marked as read just now, and how many are still unread."""

    EXAMPLE: ClassVar[Example] = {"read": 12, "unread": 1}

    read = WholeNumber()


class UnsubscribedSchema(Schema):
    """The kinds of which no more mails are sent; in-app notifications stay."""

    EXAMPLE: ClassVar[Example] = {"kinds": ["not-chosen"]}

    kinds = fields.List(fields.String(validate=validate.OneOf(KINDS)))


class ChannelsSchema(Schema):
    """The channels of one kind of notification."""

    in_app = Flag(load_default=True)
    email = Flag(load_default=True)


class QuietHoursSchema(Schema):
    """Hours in which no mail is sent, in the person's time zone."""

    EXAMPLE: ClassVar[Example] = {"start": "20:00", "end": "08:00"}

    on = Flag(required=True)
    start = fields.String(required=True, validate=CLOCK)
    end = fields.String(required=True, validate=CLOCK)


class PreferencesSchema(Schema):
    """A person's preferences for notifications. Fields omitted in a PUT return to their defaults."""

    EXAMPLE: ClassVar[Example] = {"digest": "at-once", "digest_at": "08:00"}

    kinds = fields.Dict(
        keys=fields.String(validate=validate.OneOf(KINDS)), values=fields.Nested(ChannelsSchema), load_default=dict
    )
    quiet_hours = fields.Nested(QuietHoursSchema)
    timezone = Zone()
    digest = fields.String(validate=validate.OneOf(DIGESTS))
    digest_at = fields.String(validate=CLOCK)


class DeliverySchema(Schema):
    """The delivery of one mail: of a notification, of a programme or about the account."""

    EXAMPLE: ClassVar[Example] = {"state": "sent"}

    notification_id = fields.String(allow_none=True)  # null for a mail of a programme or about the account
    channel = fields.String()
    state = fields.String()
    created_at = Instant()
    sent_at = Instant()


class FailingDeliverySchema(Schema):
    """A mail that keeps failing, without its content and address."""

    EXAMPLE: ClassVar[Example] = {"id": "delivery-1", "account": LOUIS, "state": "dead"}

    id = fields.String()
    account = fields.String(allow_none=True)  # null for a programme's mail to somebody without an account
    kind = fields.String()
    state = fields.String(validate=validate.OneOf(["retrying", "dead"]))
    tries = WholeNumber()
    error = fields.String()
    since = Instant()


class ExportSchema(Schema):
    """All data that this service stores of the caller."""

    EXAMPLE: ClassVar[Example] = {"id": THOMAS, "role": "mentor"}

    id = fields.String()
    role = fields.String(allow_none=True)
    locale = fields.String()
    preferences = fields.Nested(PreferencesSchema)
    profile_timezone = fields.String(allow_none=True)
    notifications = fields.List(fields.Nested(NotificationSchema))
    deliveries = fields.List(fields.Nested(DeliverySchema))
