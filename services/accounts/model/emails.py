"""E-mails as they are written, and as they are compared. Pure."""

from email_validator import EmailNotValidError, validate_email


def normal_email(text: str) -> str:
    """The e-mail in its normal form (RFC 5321, 6531); raises `email_validator.EmailNotValidError`.

    The reserved domains of RFC 2606 are let in: they harm nobody, and stories and tests use them.
    """
    return validate_email(text.strip(), check_deliverability=False, test_environment=True).normalized


def mail_domain(email: str) -> str:
    """The domain of an e-mail in its normal form, as it stands in the DNS."""
    return validate_email(email, check_deliverability=False, test_environment=True).ascii_domain.lower()


def email_key(text: str) -> str:
    """The form under which e-mails are compared. What is no e-mail gets one too, so that both take the same path."""
    try:
        return normal_email(text).lower()
    except EmailNotValidError:
        return text.strip().lower()
