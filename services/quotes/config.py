"""The settings that only quotes has."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from chassis.settings import duration, flag, integer, required
from services.quotes.model import Quotas


@dataclass(frozen=True)
class Config:
    """``verify_email``: whether only verified accounts claim and quote; ``quotas``: limits for one mentor.

    ``sketch_secret`` is the key of the proposals' sketches, and ``sketches_kept`` how long they and their flags stay.
    """

    verify_email: bool
    quotas: Quotas
    sketch_secret: bytes = field(repr=False)
    sketches_kept: timedelta

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "Config":
        """Reads the settings; raises `chassis.settings.BadSetting`."""
        return cls(
            verify_email=flag(environ, "RELEVE_VERIFY_EMAIL", True),
            quotas=Quotas(
                open_claims=integer(environ, "RELEVE_OPEN_CLAIMS", 5),
                lapsed_claims=integer(environ, "RELEVE_LAPSED_CLAIMS", 3),
                quotes_a_day=integer(environ, "RELEVE_QUOTES_A_DAY", 20),
            ),
            sketch_secret=required(environ, "RELEVE_SKETCH_SECRET").encode(),
            sketches_kept=duration(environ, "RELEVE_SKETCHES_KEPT", "P180D"),
        )
