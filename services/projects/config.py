"""Settings specific to this service."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from chassis.settings import duration, required


@dataclass(frozen=True)
class Config:
    """Windows and periods, the secret that blinds names (the same as in matching), and the public URL."""

    window_min: timedelta
    window_max: timedelta
    window_default: timedelta
    choice_period: timedelta
    review_period: timedelta
    blind_secret: bytes
    public_url: str

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
            blind_secret=required(environ, "RELEVE_BLIND_SECRET").encode(),
            public_url=environ.get("RELEVE_PUBLIC_URL", "http://localhost:8080").rstrip("/"),
        )
