"""The settings that only matching has."""

from collections.abc import Mapping
from dataclasses import dataclass

from chassis.settings import BadSetting, duration, flag, integer, required
from services.matching.model import Admission

MOST_PERCENT = 99
"""The highest chance that waves can ask for; nothing makes it certain."""


@dataclass(frozen=True)
class Config:
    """``wave_size``: mentors in the first wave of a market of which little is learnt; ``learnt_from``: the ended
    invitations from which waves follow the chance of five quotes, and ``five_target`` the chance that they ask for;
    ``blind_secret``: the key that blinds names, shared with projects;
    ``admission``: which accounts may be invited at all.
    """

    wave_size: int
    learnt_from: int
    five_target: float
    blind_secret: bytes
    admission: Admission

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "Config":
        """Reads the settings; raises `chassis.settings.BadSetting`."""
        percent = integer(environ, "RELEVE_FIVE_TARGET", 98, 1)
        if percent > MOST_PERCENT:
            raise BadSetting(f"RELEVE_FIVE_TARGET={percent} must be at most {MOST_PERCENT}")
        return cls(
            wave_size=integer(environ, "RELEVE_WAVE_SIZE", 20, 1),
            learnt_from=integer(environ, "RELEVE_LEARNT_FROM", 200, 1),
            five_target=percent / 100,
            blind_secret=required(environ, "RELEVE_BLIND_SECRET").encode(),
            admission=Admission(
                after=duration(environ, "RELEVE_INVITED_AFTER", "PT24H"),
                verified=flag(environ, "RELEVE_VERIFY_EMAIL", True),
            ),
        )
