"""Bodies of the second factor's routes."""

from typing import ClassVar

from marshmallow import Schema, fields, validate

from contracts.fields import Instant, Text, WholeNumber
from contracts.story import CHOSEN, Example
from services.accounts.schemas.texts import LONGEST_PASSWORD

LONGEST_CODE = 64
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
CODES = ["abcd-efgh-ijkl-mnop", "qrst-uvwx-yz23-4567"]


class CodeBody(Schema):
    """A one-time password of the caller's authenticator, or one of their recovery codes."""

    EXAMPLE: ClassVar[Example] = {"code": "492039"}

    code = fields.String(required=True, validate=validate.Length(1, LONGEST_CODE))


class FactorBody(Schema):
    """``POST /api/operations/factor``"""

    password = fields.String(required=True, validate=validate.Length(max=LONGEST_PASSWORD))


class NewFactorSchema(Schema):
    """A new second factor, shown once: ``uri`` for the authenticator app (as a QR code), and recovery codes."""

    EXAMPLE: ClassVar[Example] = {
        "secret": SECRET,
        "uri": f"otpauth://totp/Rel%C3%A8ve:olga%40example.com?secret={SECRET}&issuer=Rel%C3%A8ve",
        "recovery_codes": CODES,
    }

    secret = fields.String()
    uri = fields.String()
    recovery_codes = fields.List(fields.String())


class RecoverySchema(Schema):
    """New recovery codes, shown once."""

    EXAMPLE: ClassVar[Example] = {"recovery_codes": CODES}

    recovery_codes = fields.List(fields.String())


class FactorSchema(Schema):
    """The caller's second factor: ``recovery_codes`` is the number of unused ones."""

    EXAMPLE: ClassVar[Example] = {"confirmed_at": CHOSEN, "enrol_until": None, "recovery_codes": 10}

    confirmed_at = Instant(allow_none=True)
    enrol_until = Instant(allow_none=True)
    recovery_codes = WholeNumber()


class RaisedSchema(Schema):
    """An access token that says that a code was given. The refresh token stays as it is."""

    access_token = fields.String()
    token_type = fields.String()
    expires_in = WholeNumber()


class ResetBody(Schema):
    """The reason for resetting another operator's second factor."""

    EXAMPLE: ClassVar[Example] = {"reason": "Téléphone perdu."}

    reason = Text(most=500, required=True)
