"""What a rule may answer: facts, or one named refusal. Pure: the only chassis module that a model imports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar


@dataclass(frozen=True)
class Fact:
    """Something that happened to an aggregate. Each event has a subclass: a frozen dataclass with the event's fields.

    ``name`` is an event of the contract without prefix and version. ``version`` is the one of that event's versions
    that is written: while readers change over, a rule states the fact in both.
    """

    name: ClassVar[str]
    version: ClassVar[int] = 1

    def __init_subclass__(cls, name: str, version: int = 1) -> None:
        cls.name, cls.version = name, version

    @property
    def data(self) -> dict[str, Any]:
        """The event's fields as Python values."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


class Refusal(Exception):
    """A rule said no. ``name`` is the problem type that docs/api.md pins (``round-full``, ``window-ended`` …).

    ``detail`` is one sentence for a person and never holds data of somebody else. ``errors`` and ``extra``
    become members of the problem. The status stands in one table, `chassis.http.problems.STATUS`.
    """

    def __init__(
        self,
        name: str,
        detail: str = "",
        *,
        errors: Sequence[Mapping[str, str]] = (),
        retry_after: int | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(name)
        self.name = name
        self.detail = detail
        self.errors = [dict(error) for error in errors]
        self.retry_after = retry_after
        self.extra = dict(extra or {})


def not_found() -> Refusal:
    """The one answer for what is not there and for what is somebody else's."""
    return Refusal("not-found", "There is nothing here for you.")
