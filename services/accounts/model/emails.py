"""Normal forms of e-mail addresses, for storing and for comparing. Pure."""

from email_validator import EmailNotValidError, validate_email


def normal_email(text: str) -> str:
    """The e-mail in its normal form (RFC 5321, 6531); raises `email_validator.EmailNotValidError`.

    Reserved domains (RFC 2606) are accepted: they are harmless, and stories and tests use them.
    """
    return validate_email(text.strip(), check_deliverability=False, test_environment=True).normalized


def mail_domain(email: str) -> str:
    """The domain of an e-mail in its normal form, as the DNS has it: ASCII, lower case."""
    return validate_email(email, check_deliverability=False, test_environment=True).ascii_domain.lower()


def email_key(text: str) -> str:
    """The form under which e-mails are compared. Invalid ones get a key too, so that both take the same code path."""
    try:
        return normal_email(text).lower()
    except EmailNotValidError:
        return text.strip().lower()
