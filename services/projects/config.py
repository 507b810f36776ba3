"""Settings specific to this service."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from chassis.settings import duration, flag, integer, required
from services.projects.model.quotas import Quotas


@dataclass(frozen=True)
class Config:
    """Windows and periods, the token that authenticates accounts here, the secret that blinds names (the same as in
    matching), and the public URL.

    ``verify_email`` says whether only a verified account may post; ``quotas`` how many projects an organisation may.
    """

    window_min: timedelta
    window_max: timedelta
    window_default: timedelta
    choice_period: timedelta
    review_period: timedelta
    from_accounts: str = field(repr=False)
    blind_secret: bytes = field(repr=False)
    public_url: str
    verify_email: bool
    quotas: Quotas

    @property
    def receipt_keys(self) -> str:
        """URL of the public keys that verify receipts."""
        return f"{self.public_url}/.well-known/receipts-jwks.json"

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "Config":
        """Raises `chassis.settings.BadSetting`."""
        return cls(
            window_min=duration(environ, "RELEVE_WINDOW_MIN", "PT1H"),
            window_max=duration(environ, "RELEVE_WINDOW_MAX", "P30D"),
            window_default=duration(environ, "RELEVE_WINDOW_DEFAULT", "PT48H"),
            choice_period=duration(environ, "RELEVE_CHOICE_PERIOD", "P14D"),
            review_period=duration(environ, "RELEVE_REVIEW_PERIOD", "P7D"),
            from_accounts=required(environ, "RELEVE_INTERNAL_ACCOUNTS_PROJECTS"),
            blind_secret=required(environ, "RELEVE_BLIND_SECRET").encode(),
            public_url=environ.get("RELEVE_PUBLIC_URL", "http://localhost:8080").rstrip("/"),
            verify_email=flag(environ, "RELEVE_VERIFY_EMAIL", True),
            quotas=Quotas(
                open_projects=integer(environ, "RELEVE_OPEN_PROJECTS", 20),
                postings_a_day=integer(environ, "RELEVE_POSTINGS_A_DAY", 10),
            ),
        )
