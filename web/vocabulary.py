"""The vocabulary of skills, which every form with topics needs: read once, and kept for a while."""

import time
import unicodedata
from collections.abc import Mapping, Sequence

from web.api import Caller

Skill = dict[str, str]
"""A skill's `id`, and its name in each language."""
KEPT_S = 600.0
SHOWN = 12


class Vocabulary:
    """Every skill by its id. One for the process: threads that read it again at once read the same."""

    def __init__(self) -> None:
        self._skills: Mapping[str, Skill] = {}
        self._until = 0.0

    def skills(self, caller: Caller) -> Mapping[str, Skill]:
        """Every skill by its id."""
        if time.monotonic() > self._until:
            self._skills = {one["id"]: one for one in caller.items("skills")}
            self._until = time.monotonic() + KEPT_S
        return self._skills

    def search(self, caller: Caller, text: str) -> list[Skill]:
        """Skills whose name in either language has all the words, best first: names that begin with them."""
        words = folded(text).split()
        every = self.skills(caller).values()
        found = [one for one in every if all(word in folded(f"{one['fr']} {one['en']}") for word in words)]
        first = words[0] if words else ""
        return sorted(found, key=lambda one: not folded(one[caller.locale]).startswith(first))[:SHOWN]

    def named(self, caller: Caller, ids: Sequence[str]) -> list[Skill]:
        """The skills of these ids; one that the vocabulary does not have is called by its id."""
        skills = self.skills(caller) if ids else {}
        return [skills.get(id, {"id": id, "fr": id, "en": id}) for id in ids]


def folded(text: str) -> str:
    """Without case, accents and curved apostrophes."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("’", "'"))
    return "".join(one for one in plain if not unicodedata.combining(one))
