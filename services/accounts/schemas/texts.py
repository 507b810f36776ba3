"""E-mails, names and languages in HTTP bodies."""

import re
import unicodedata
from typing import Any

from email_validator import EmailNotValidError
from marshmallow import ValidationError, fields, validate

from contracts.fields import Text
from contracts.scan import contact_data, fold
from services.accounts.model import LOCALES, normal_email

LONGEST_EMAIL = 320
LONGEST_PASSWORD = 1024
LINK = re.compile(r"://|@|\bwww\.|\w{3}[.\u2024\u2027\u3002]\w{2}")
"""What is refused in a name beside contact data: a host of any ending. "St.Pierre" and "J.P. Morgan" are names."""


class Email(fields.String):
    """An e-mail in its normal form. Whether anybody can be reached there is not asked."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return normal_email(text[: LONGEST_EMAIL + 1])
        except EmailNotValidError as error:
            raise ValidationError("Not an e-mail address.") from error


def one_line(text: str) -> None:
    """Names go into the headers of mails: no line breaks, no control characters."""
    if any(unicodedata.category(sign) in ("Cc", "Zl", "Zp") for sign in text):
        raise ValidationError("Write it on one line.")


def no_contact_data(text: str) -> None:
    """Names are read by others, in mails too: no links, addresses or telephone numbers, and nothing that looks so."""
    if contact_data(text) or LINK.search(fold(text).text):
        raise ValidationError("Give a name without links, addresses or telephone numbers.")


def Name(**kwargs: Any) -> Text:
    """What a person is called."""
    return Text(most=100, validate=[one_line, no_contact_data], **kwargs)


def Locale(**kwargs: Any) -> fields.String:
    """The language that we write to a person in."""
    return fields.String(validate=validate.OneOf(LOCALES), **kwargs)
