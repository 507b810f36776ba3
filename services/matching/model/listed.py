"""An entry of a ranked list. Pure."""

from dataclasses import dataclass

from contracts.fit.reasons import Reason


@dataclass(frozen=True)
class Listed:
    """A mentor's place in the list; ``school`` and ``excluded`` are copied from the profile at the time of ranking."""

    account: str
    mentor_id: str
    school: str = ""
    excluded: tuple[str, ...] = ()
    why: tuple[Reason, ...] = ()
