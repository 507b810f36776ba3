"""A place in a ranked list. Pure."""

from dataclasses import dataclass

from services.matching.model.reasons import Reason


@dataclass(frozen=True)
class Listed:
    """A place in the ranked list; ``school`` and ``excluded`` are the mentor's names as they were when it was drawn."""

    account: str
    mentor_id: str
    school: str = ""
    excluded: tuple[str, ...] = ()
    why: tuple[Reason, ...] = ()
