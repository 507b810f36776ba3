"""The settings of this service alone."""

from collections.abc import Mapping
from dataclasses import dataclass

from chassis.settings import integer, required


@dataclass(frozen=True)
class Config:
    """The size of the first wave, and the secret that blinds names (the same in projects)."""

    wave_size: int
    blind_secret: bytes

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "Config":
        """Raises `chassis.settings.BadSetting`."""
        return cls(
            wave_size=integer(environ, "RELEVE_WAVE_SIZE", 20, 1),
            blind_secret=required(environ, "RELEVE_BLIND_SECRET").encode(),
        )
