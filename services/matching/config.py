"""The settings that only matching has."""

from collections.abc import Mapping
from dataclasses import dataclass

from chassis.settings import integer, required


@dataclass(frozen=True)
class Config:
    """``wave_size``: mentors in the first wave; ``blind_secret``: the key that blinds names, shared with projects."""

    wave_size: int
    blind_secret: bytes

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "Config":
        """Reads the settings; raises `chassis.settings.BadSetting`."""
        return cls(
            wave_size=integer(environ, "RELEVE_WAVE_SIZE", 20, 1),
            blind_secret=required(environ, "RELEVE_BLIND_SECRET").encode(),
        )
