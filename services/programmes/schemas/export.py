"""The export of a person's data."""

from typing import ClassVar

from marshmallow import Schema, fields

from contracts.fields import Instant, WholeNumber
from contracts.story import Example
from services.programmes.schemas.participants import PersonSchema
from services.programmes.schemas.programmes import NAME, ProgrammeSchema

BEGAN = "2026-12-02T09:00:00.000Z"


class ExportedPersonSchema(PersonSchema):
    """A participant's data, as they were enrolled or corrected."""

    EXAMPLE: ClassVar[Example] = {
        "ref": "E-001", "name": "Inès Moreau", "email": "ines.moreau@pwn.example", "side": "mentee",
        "organisation": "PWN Paris", "team": "Marketing", "manager_ref": "E-014", "offers": [], "wants": ["crm"],
        "languages": ["fr", "en"], "about": "", "place": "Paris", "timezone": "Europe/Paris",
        "availability": ["mon-am"], "capacity": None, "locale": "fr", "state": "agreed", "via": "file",
        "agreed_at": BEGAN,
    }  # fmt: skip


class ExportedPairSchema(Schema):
    """A pair of the person, without the other half's data."""

    EXAMPLE: ClassVar[Example] = {
        "side": "mentee", "state": "active", "began_at": BEGAN, "ended_at": None, "answer": "accepted",
    }  # fmt: skip

    side = fields.String()
    state = fields.String()
    began_at = Instant(allow_none=True)
    ended_at = Instant(allow_none=True)
    answer = fields.String(allow_none=True)


class ExportedSessionSchema(Schema):
    """A session of the person, with what the two wrote."""

    EXAMPLE: ClassVar[Example] = {
        "starts_at": BEGAN, "minutes": 60, "timezone": "Europe/Paris", "place": "Visio", "agenda": None,
        "state": "held", "note": "Essayer un tableau de bord.",
    }  # fmt: skip

    starts_at = Instant()
    minutes = WholeNumber(allow_none=True)
    timezone = fields.String(allow_none=True)
    place = fields.String(allow_none=True)
    agenda = fields.String(allow_none=True)
    state = fields.String()
    note = fields.String(allow_none=True)


class ExportedEndingSchema(Schema):
    """Why the person ended a pair."""

    EXAMPLE: ClassVar[Example] = {"reason": "schedule", "at": BEGAN}

    reason = fields.String()
    at = Instant()


class ExportedContributionSchema(Schema):
    """A contribution of the person to a challenge. A picture is read at its own address."""

    EXAMPLE: ClassVar[Example] = {"created_at": BEGAN, "kind": "text", "text": "Notre premier atelier.", "url": None}

    created_at = Instant()
    kind = fields.String()
    text = fields.String(allow_none=True)
    url = fields.String(allow_none=True)


class ParticipationSchema(Schema):
    """All that is held of a person in one programme. ``assessments`` are their answers from 1 to 5, by moment."""

    EXAMPLE: ClassVar[Example] = {
        "programme_id": "programme-1", "programme": NAME, "host": "PWN Paris", "assessments": {"start": {"data": 2}},
    }  # fmt: skip

    programme_id = fields.String()
    programme = fields.String()
    host = fields.String()
    participant = fields.Nested(ExportedPersonSchema)
    assessments = fields.Dict(keys=fields.String(), values=fields.Dict(keys=fields.String(), values=WholeNumber()))
    pairs = fields.List(fields.Nested(ExportedPairSchema))
    sessions = fields.List(fields.Nested(ExportedSessionSchema))
    endings = fields.List(fields.Nested(ExportedEndingSchema))
    contributions = fields.List(fields.Nested(ExportedContributionSchema))


class OrganisedProgrammeSchema(Schema):
    """A programme that the person organises for a company."""

    EXAMPLE: ClassVar[Example] = {"id": "programme-2", "name": "Quatre défis"}

    id = fields.String()
    name = fields.String()


class HoldingsSchema(Schema):
    """All that this service holds of an account. The people of a programme are in its CSV files."""

    participations = fields.List(fields.Nested(ParticipationSchema))
    owned = fields.List(fields.Nested(ProgrammeSchema))
    organised = fields.List(fields.Nested(OrganisedProgrammeSchema))


class ErasureAskedSchema(Schema):
    """An erasure was accepted."""
