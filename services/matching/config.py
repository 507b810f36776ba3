"""The settings that only matching has."""

from collections.abc import Mapping
from dataclasses import dataclass

from chassis.settings import duration, flag, integer, required
from services.matching.model import Admission


@dataclass(frozen=True)
class Config:
    """``wave_size``: mentors in the first wave; ``blind_secret``: the key that blinds names, shared with projects;
    ``admission``: which accounts may be invited at all.
    """

    wave_size: int
    blind_secret: bytes
    admission: Admission

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "Config":
        """Reads the settings; raises `chassis.settings.BadSetting`."""
        return cls(
            wave_size=integer(environ, "RELEVE_WAVE_SIZE", 20, 1),
            blind_secret=required(environ, "RELEVE_BLIND_SECRET").encode(),
            admission=Admission(
                after=duration(environ, "RELEVE_INVITED_AFTER", "PT24H"),
                verified=flag(environ, "RELEVE_VERIFY_EMAIL", True),
            ),
        )
