"""One reason of a score, and the words of its data in French or English. Pure."""

from dataclasses import dataclass

from contracts import vocabulary
from contracts.fit.languages import LANGUAGES


@dataclass(frozen=True)
class Reason:
    """One reason for a choice. Each service lists its codes; ``data`` are the skills, words or languages that match."""

    code: str
    data: tuple[str, ...] = ()


def worded(code: str, item: str, language: str) -> str:
    """The words for one item of a reason; empty for a skill that is no longer in the vocabulary."""
    if code in ("skills", "near-skills"):
        skill = vocabulary.SKILLS.get(item)
        return getattr(skill, language) if skill else ""
    return LANGUAGES[language].get(item, item) if code == "languages" else item
