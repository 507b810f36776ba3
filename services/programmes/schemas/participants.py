"""Participants: files and lists of them, corrections, and their own answers."""

from typing import ClassVar

from marshmallow import Schema, fields, validate

from chassis.http.pages import PageQuery, QueryFlag, page_of
from contracts.fields import LANGUAGE, Flag, Id, Instant, Listed, Text, Texts, WholeNumber, Zone
from contracts.story import Example
from services.programmes.model.enrolling.fields import LOCALES, LONGEST, MOST_CAPACITY, MOST_LANGUAGES, MOST_SKILLS
from services.programmes.model.enrolling.objections import REASONS
from services.programmes.model.participants import SIDES, STATES, VIAS

PERSON: Example = {
    "ref": "M01", "name": "Inès Moreau", "email": "ines.moreau@pwn.example", "side": "mentor",
    "organisation": "PWN Paris", "team": "Communication", "manager_ref": "D07", "offers": ["social-networks", "crm"],
    "wants": [], "languages": ["fr", "en"], "about": "J'anime notre compte LinkedIn.", "place": "Paris",
    "timezone": "Europe/Paris", "availability": ["mon-am", "thu-pm"], "capacity": 1, "locale": "fr",
}  # fmt: skip
ENROLLED: Example = PERSON | {"state": "agreed", "via": "file", "agreed_at": "2026-11-24T09:12:00.000Z",
                             "wished_challenge": None, "challenge": None}  # fmt: skip
CSV_EXAMPLE = (
    "Réf;Prénom Nom;Courriel;Rôle;Responsable;Apporte;Souhaite;Langues\n"
    "M01;Inès Moreau;ines.moreau@pwn.example;Mentor;D07;Réseaux sociaux, CRM;;français, anglais\n"
    "D07;Anne Roy;anne.roy@pwn.example;Mentorée;;;IA générative;français\n"
)


def side(**kwargs: object) -> fields.String:
    """``mentor`` or ``mentee``."""
    return fields.String(validate=validate.OneOf(SIDES), **kwargs)  # type: ignore[arg-type]


def locale() -> fields.String:
    """The language of mails."""
    return fields.String(validate=validate.OneOf(LOCALES))


class EnrolQuery(Schema):
    """``?partial=true&check=true&side=mentor``"""

    some = QueryFlag(load_default=False, data_key="partial")
    check = QueryFlag(load_default=False)
    side = fields.String(load_default=None, validate=validate.OneOf(SIDES))


class PersonBody(Schema):
    """One person of a list. Lists may also be texts with commas; ``ref`` is given if it is left out."""

    EXAMPLE: ClassVar[Example] = PERSON

    ref = Text(most=64)
    name = Text(required=True, most=LONGEST["name"])
    email = Text(required=True, most=254)
    side = Text()
    organisation = Text(least=0, most=LONGEST["organisation"])
    team = Text(least=0, most=LONGEST["team"])
    manager_ref = Text(least=0, most=LONGEST["manager_ref"])
    offers = Texts(MOST_SKILLS, 100)
    wants = Texts(MOST_SKILLS, 100)
    languages = Texts(MOST_LANGUAGES, 100)
    about = Text(least=0, most=LONGEST["about"])
    place = Text(least=0, most=LONGEST["place"])
    timezone = Text(least=0)
    availability = Texts(21, 100)
    capacity = WholeNumber(validate=validate.Range(1, MOST_CAPACITY))
    locale = Text()


class OwnDataBody(Schema):
    """``PATCH /api/programmes/{id}/me``"""

    EXAMPLE: ClassVar[Example] = PERSON | {"wished_challenge": ...}

    name = Text(most=LONGEST["name"])
    offers = Texts(MOST_SKILLS, 100)
    wants = Texts(MOST_SKILLS, 100)
    languages = Listed(fields.String(validate=LANGUAGE), most=MOST_LANGUAGES, least=1)
    about = Text(least=0, most=LONGEST["about"])
    place = Text(least=0, most=LONGEST["place"])
    timezone = Zone()
    availability = Texts(21, 100)
    capacity = WholeNumber(validate=validate.Range(1, MOST_CAPACITY))
    locale = locale()
    wished_challenge = Id(allow_none=True)


class CorrectionBody(OwnDataBody):
    """``PATCH /api/programmes/{id}/participants/{ref}``"""

    email = Text(most=254)
    side = side()
    organisation = Text(most=LONGEST["organisation"])
    team = Text(least=0, most=LONGEST["team"])
    manager_ref = Text(least=0, most=LONGEST["manager_ref"])


class PersonSchema(Schema):
    """A participant's data, as they were enrolled or corrected."""

    EXAMPLE: ClassVar[Example] = ENROLLED

    ref = fields.String()
    name = fields.String()
    email = fields.String()
    side = side()
    organisation = fields.String()
    team = fields.String()
    manager_ref = fields.String()
    offers = fields.List(fields.String())
    wants = fields.List(fields.String())
    languages = fields.List(fields.String())
    about = fields.String()
    place = fields.String()
    timezone = fields.String()
    availability = fields.List(fields.String())
    capacity = WholeNumber(allow_none=True)
    locale = fields.String()
    state = fields.String(validate=validate.OneOf(STATES))
    via = fields.String(validate=validate.OneOf(VIAS))
    created_at = Instant()
    agreed_at = Instant(allow_none=True)


class ParticipantSchema(PersonSchema):
    """A participant."""

    wished_challenge = fields.String(allow_none=True)
    challenge = fields.String(allow_none=True)


class OwnDataSchema(ParticipantSchema):
    """The caller's own data."""

    EXAMPLE: ClassVar[Example] = ENROLLED | {"has_account": False}

    has_account = Flag()


class CountsSchema(Schema):
    """How many people there are, without those whose address is still to be confirmed."""

    EXAMPLE: ClassVar[Example] = {
        "mentors": 20, "mentees": 20, "waiting": 12, "agreed": 28, "objected": 6, "reasons": {"no-time": 6},
    }  # fmt: skip

    mentors = WholeNumber()
    mentees = WholeNumber()
    waiting = WholeNumber()
    agreed = WholeNumber()
    objected = WholeNumber(allow_none=True)
    reasons = fields.Dict(keys=fields.String(), values=WholeNumber())


class ParticipantPage(page_of(ParticipantSchema)):  # type: ignore[misc]
    """Participants, newest first; ``counts`` for those who run or organise the programme."""

    counts = fields.Nested(CountsSchema, allow_none=True)


class ParticipantQuery(PageQuery):
    """``?side=&state=&limit=&cursor=``"""

    side = fields.String(load_default=None, validate=validate.OneOf(SIDES))
    state = fields.String(load_default=None, validate=validate.OneOf(STATES))


class RowProblemSchema(Schema):
    """What is wrong in one cell. ``line`` is the row that the spreadsheet shows, its header being 1."""

    EXAMPLE: ClassVar[Example] = {
        "line": 7, "field": "email", "code": "bad-email", "message": "Ce n’est pas une adresse e-mail.",
    }  # fmt: skip

    line = WholeNumber()
    field = fields.String()
    code = fields.String()
    message = fields.String()


class RowSchema(Schema):
    """A row as it was read: its cells by field, before any of them is checked."""

    EXAMPLE: ClassVar[Example] = {
        "line": 7, "cells": {"name": "Inès Moreau", "email": "ines.moreau.pwn.example", "side": "Mentor"},
    }  # fmt: skip

    line = WholeNumber()
    cells = fields.Dict(keys=fields.String(), values=fields.String())


class EnrolmentSchema(Schema):
    """What became of a file: people enrolled (or, with ``check``, who could be), what is wrong, what was ignored.

    ``rows``, with ``check`` alone, are those of the file, so that cells can be mended where they were read.
    """

    EXAMPLE: ClassVar[Example] = {
        "accepted": 0, "checked": False, "left_off": 0,
        "warnings": [{
            "line": 1, "field": "file", "code": "column-ignored",
            "message": "Le titre de la colonne D n'est pas reconnu : la colonne a été ignorée.",
        }],
    }  # fmt: skip

    accepted = WholeNumber()
    checked = Flag()
    rejected = fields.List(fields.Nested(RowProblemSchema))
    warnings = fields.List(fields.Nested(RowProblemSchema))
    rows = fields.List(fields.Nested(RowSchema))
    left_off = WholeNumber()


class ObjectionBody(Schema):
    """``POST /api/programmes/{id}/objection``"""

    EXAMPLE: ClassVar[Example] = {"reason": "no-time"}

    reason = fields.String(validate=validate.OneOf(REASONS))


class NothingBody(Schema):
    """An empty object."""
