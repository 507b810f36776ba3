"""The ways in which people use the pages: language, script, width and colours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any


@dataclass(frozen=True)
class Way:
    """One way of using the pages."""

    locale: str
    script: bool
    width: int
    scheme: str

    def __str__(self) -> str:
        return f"{self.locale}-{'script' if self.script else 'plain'}-{self.width}-{self.scheme}"

    @property
    def options(self) -> dict[str, Any]:
        """The options of a browser's context."""
        return {
            "locale": "fr-FR" if self.locale == "fr" else "en-GB",
            "java_script_enabled": self.script,
            "viewport": {"width": self.width, "height": 900},
            "color_scheme": self.scheme,
        }

    def say(self, fr: str, en: str) -> str:
        """The text in the way's language."""
        return fr if self.locale == "fr" else en


ALL = [Way(*one) for one in product(("fr", "en"), (True, False), (360, 1280), ("light", "dark"))]
PAIRWISE = [
    Way("fr", True, 1280, "dark"),
    Way("fr", True, 360, "light"),
    Way("fr", False, 360, "dark"),
    Way("en", True, 360, "dark"),
    Way("en", False, 1280, "light"),
]
"""The fewest ways that hold each pair of values of any two of the four."""


def chosen(environ: Mapping[str, str]) -> Sequence[Way]:
    """The ways that a run tries: all sixteen with RELEVE_BROWSER_WAYS=all."""
    return ALL if environ.get("RELEVE_BROWSER_WAYS") == "all" else PAIRWISE
