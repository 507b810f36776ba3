"""The results of a rule: facts, or one named refusal. Pure, and the only chassis module that a model imports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar


@dataclass(frozen=True)
class Fact:
    """Something that happened to an aggregate. Each event has a subclass: a frozen dataclass with the event's fields.

    ``name`` is an event of the contract, without prefix and version. ``version`` is the version to write; while
    consumers migrate to a new version, a rule returns the fact in both.
    """

    name: ClassVar[str]
    version: ClassVar[int] = 1

    def __init_subclass__(cls, name: str, version: int = 1) -> None:
        cls.name, cls.version = name, version

    @property
    def data(self) -> dict[str, Any]:
        """The event's fields, by name, as Python values."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


class Refusal(Exception):
    """A rule refused a command. ``name`` is the problem type in docs/api.md (``round-full``, ``window-ended`` …).

    ``detail`` is one sentence for the caller and never holds another person's data. ``errors`` and ``extra`` become
    members of the problem; ``retry_after`` is in seconds. `chassis.http.problems.STATUS` gives the HTTP status.
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
    """The same refusal for a resource that does not exist and for one that belongs to another person."""
    return Refusal("not-found", "There is nothing here for you.")
