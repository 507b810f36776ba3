"""E-mails, names and languages in HTTP bodies."""

import unicodedata
from typing import Any

from email_validator import EmailNotValidError
from marshmallow import ValidationError, fields, validate

from chassis.facts import Coded
from contracts.fields import Text
from contracts.scan import is_no_name
from services.accounts.model import LOCALES, normal_email

LONGEST_EMAIL = 320
LONGEST_PASSWORD = 1024


class Email(fields.String):
    """An e-mail in its normal form. Deliverability is not checked."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return normal_email(text[: LONGEST_EMAIL + 1])
        except EmailNotValidError as error:
            raise ValidationError(Coded("not-an-email", "Not an e-mail address.")) from error


def one_line(text: str) -> None:
    """Refuses line breaks and control characters: names go into headers of mails."""
    if any(unicodedata.category(sign) in ("Cc", "Zl", "Zp") for sign in text):
        raise ValidationError(Coded("one-line", "Write it on one line."))


def no_contact_data(text: str) -> None:
    """Refuses text that looks like a link, an address or a telephone number: others read names, also in mails."""
    if is_no_name(text):
        raise ValidationError(Coded("not-a-name", "Give a name without links, addresses or telephone numbers."))


def Name(**kwargs: Any) -> Text:
    """A person's name."""
    return Text(most=100, validate=[one_line, no_contact_data], **kwargs)


def Locale(**kwargs: Any) -> fields.String:
    """The language of texts for a person."""
    return fields.String(validate=validate.OneOf(LOCALES), **kwargs)
