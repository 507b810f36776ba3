"""Invitation links, and joining by one."""

import re
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError, fields, validate, validates

from chassis.facts import Coded
from chassis.http.pages import page_of
from contracts.fields import Duration, Instant, Listed, Text, Texts, WholeNumber
from contracts.story import Example
from services.programmes.model.enrolling.fields import LONGEST, MOST_LANGUAGES, MOST_SKILLS
from services.programmes.model.enrolling.links import JOINED, LIFE, LONGEST_LIFE, MOST_PLACES, TO_CONFIRM
from services.programmes.schemas.participants import PERSON, locale, side

TOKEN = "Xk2v9QmR7dTn4LwZc5bJhA8sPfGe1yUoViWrYtB3CaM"
LINK: Example = {
    "id": "link-1", "side": "mentor", "organisation": "PWN Paris", "cap": 20, "domain": "pwn.example",
    "expires_at": "2026-12-07T09:00:00.000Z",
}  # fmt: skip
_DOMAIN = re.compile(r"\A(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}\Z")


class InvitationLinkBody(Schema):
    """``POST /api/programmes/{id}/links``"""

    EXAMPLE: ClassVar[Example] = {**LINK, "expires_in": "P14D"}

    side = side(required=True)
    organisation = Text(least=0, load_default="", most=LONGEST["organisation"])
    cap = WholeNumber(load_default=None, validate=validate.Range(1, MOST_PLACES))
    domain = Text(load_default=None)
    expires_in = Duration(load_default=LIFE)

    @validates("domain")
    def check_domain(self, domain: str | None, **_: Any) -> None:
        """Raises ValidationError for what is no domain in ASCII and lower case."""
        if domain is not None and not _DOMAIN.match(domain):
            raise ValidationError(Coded("not-a-domain", "Give a domain such as example.com."))

    @validates("expires_in")
    def check_life(self, life: Any, **_: Any) -> None:
        """Raises ValidationError for a period outside a minute to 180 days."""
        if not 60 <= life.total_seconds() <= LONGEST_LIFE.total_seconds():
            limits = {"min": 60, "max": LONGEST_LIFE.total_seconds()}
            message = "Give from one minute (PT1M) to 180 days (P180D)."
            raise ValidationError(Coded("duration-out-of-range", message, **limits))


class InvitationLinkSchema(Schema):
    """A link; ``used`` counts the people who hold a place."""

    EXAMPLE: ClassVar[Example] = LINK | {"used": 3}

    id = fields.String()
    side = side()
    organisation = fields.String(allow_none=True)
    cap = WholeNumber(allow_none=True)
    domain = fields.String(allow_none=True)
    used = WholeNumber()
    created_at = Instant()
    expires_at = Instant()


class MadeLinkSchema(InvitationLinkSchema):
    """A new link with its token, which is shown only now."""

    EXAMPLE: ClassVar[Example] = LINK | {"used": 0, "token": TOKEN, "url": f"https://releve.example/join#{TOKEN}"}

    token = fields.String()
    url = fields.String()


InvitationLinkPage = page_of(InvitationLinkSchema)


class JoinBody(Schema):
    """``POST /api/programmes/joins``. An account's own address counts, and its name unless another is given."""

    EXAMPLE: ClassVar[Example] = {"token": TOKEN, **PERSON}

    token = Text(required=True)
    name = Text(most=LONGEST["name"])
    email = Text(most=254)
    team = Text(most=LONGEST["team"])
    manager_ref = Text(most=LONGEST["manager_ref"])
    offers = Texts(MOST_SKILLS, 100)
    wants = Texts(MOST_SKILLS, 100)
    languages = Listed(Text(most=100), most=MOST_LANGUAGES)
    about = Text(most=LONGEST["about"])
    place = Text(most=LONGEST["place"])
    timezone = Text()
    availability = Texts(21, 100)
    locale = locale()


class JoinedSchema(Schema):
    """``to-confirm``: a mail was sent to the address; ``joined``: the account takes part."""

    state = fields.String(validate=validate.OneOf((TO_CONFIRM, JOINED)))
