"""A mentor's draft of a quote as the API keeps it: across sessions and browsers, until it is handed in."""

from collections.abc import Mapping
from dataclasses import dataclass

from web.api import Answer, Caller

TYPED = ("proposal", "price", "days", "starts_on", "valid_until")
"""What a mentor types; the currency is the project's."""


@dataclass(frozen=True)
class Draft:
    """The texts as typed, when they were kept (RFC 3339), and the version to name when changing them."""

    texts: Mapping[str, str]
    saved_at: str
    version: str


@dataclass(frozen=True)
class Outcome:
    """What became of a text: it was kept; another browser's text is there; it was refused; or the draft has ended."""

    kept: Draft | None = None
    other: Draft | None = None
    refused: Answer | None = None
    ended: bool = False


def read(caller: Caller, project: str) -> Draft | None:
    """The draft, or None."""
    answer = caller.do("GET", "rounds", project, "draft")
    return _draft(answer) if answer.ok else None


def keep(caller: Caller, project: str, texts: Mapping[str, str], based_on: str) -> Outcome:
    """Keeps the texts in place of the version that they are based on, empty if there was none.

    A text that another tab or browser has kept since is never overwritten.
    """
    there = None if based_on else read(caller, project)
    if there is None:
        answer = caller.do("PUT", "rounds", project, "draft", body=texts, expected=based_on)
        if answer.ok:
            return Outcome(kept=_draft(answer))
        if answer.problem != "stale":
            return Outcome(refused=answer)
        there = read(caller, project)
    if there is None:  # as a quote, or with the window
        return Outcome(ended=True)
    return Outcome(kept=there) if there.texts == texts else Outcome(other=there)


def _draft(answer: Answer) -> Draft:
    texts = {name: answer.body.get(name, "") for name in TYPED}
    return Draft(texts, answer.body["saved_at"], answer.headers.get("ETag", "").strip('"'))
