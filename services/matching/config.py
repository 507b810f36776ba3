"""The settings that only matching has."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

from chassis.settings import BadSetting, duration, flag, integer, required
from services.matching.model import Admission, Shelf

MOST_PERCENT = 99
"""The highest chance that waves can ask for; nothing makes it certain."""
LEAST_KEPT = timedelta(days=60)
"""The least time that decisions are kept: a round's own decisions are read until it ends, 45 days at most."""
RULES = ("services/matching/model", "services/matching/handlers", "contracts/fit")
"""Where the rules are by which mentors are found, ranked and invited."""
SOURCES = ("*.py", "*.jsonl", "*.npy")


@dataclass(frozen=True)
class Config:
    """``wave_size``: mentors in the first wave of a market of which little is learnt; ``learnt_from``: the ended
    invitations from which waves follow the chance of five quotes, and ``five_target`` the chance that they ask for;
    ``blind_secret``: the key that blinds names, shared with projects;
    ``admission``: which accounts may be invited at all; ``decisions_kept``: how long the log of decisions is kept;
    ``rules``: the version of the rules that the log names; ``shelf``: what this process remembers of all mentors.
    """

    wave_size: int
    learnt_from: int
    five_target: float
    blind_secret: bytes
    admission: Admission
    decisions_kept: timedelta
    rules: str
    shelf: Shelf = field(default_factory=Shelf, compare=False)

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "Config":
        """Reads the settings; raises `chassis.settings.BadSetting`."""
        percent = integer(environ, "RELEVE_FIVE_TARGET", 98, 1)
        if percent > MOST_PERCENT:
            raise BadSetting(f"RELEVE_FIVE_TARGET={percent} must be at most {MOST_PERCENT}")
        kept = duration(environ, "RELEVE_DECISIONS_KEPT", "P184D")
        if kept < LEAST_KEPT:
            raise BadSetting(f"RELEVE_DECISIONS_KEPT={kept} must be at least {LEAST_KEPT.days} days")
        return cls(
            wave_size=integer(environ, "RELEVE_WAVE_SIZE", 20, 1),
            learnt_from=integer(environ, "RELEVE_LEARNT_FROM", 200, 1),
            five_target=percent / 100,
            blind_secret=required(environ, "RELEVE_BLIND_SECRET").encode(),
            admission=Admission(
                after=duration(environ, "RELEVE_INVITED_AFTER", "PT24H"),
                verified=flag(environ, "RELEVE_VERIFY_EMAIL", True),
            ),
            decisions_kept=kept,
            rules=version_of_rules(),
        )


def version_of_rules() -> str:
    """Twelve hexadecimal digits that change with any of the rules' sources, the thesaurus among them."""
    root, found = Path(__file__).parents[2], sha256()
    for path in sorted(one for folder in RULES for kind in SOURCES for one in (root / folder).rglob(kind)):
        found.update(path.read_bytes())
    return found.hexdigest()[:12]
