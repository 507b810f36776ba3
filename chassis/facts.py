"""The results of a rule: facts, or one named refusal. Pure, and the only chassis module that a model imports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import timedelta
from math import ceil
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

    ``detail`` is one sentence for the caller and never holds another person's data; ``params`` in ``extra`` are
    its data, for other languages. ``errors`` (made by `wrong`) and ``extra`` become members of the problem.
    ``retry_after`` is in seconds. `chassis.http.problems.STATUS` gives the HTTP status.
    """

    def __init__(
        self,
        name: str,
        detail: str = "",
        *,
        errors: Sequence[Mapping[str, Any]] = (),
        retry_after: int | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(name)
        self.name = name
        self.detail = detail
        self.errors = [dict(error) for error in errors]
        self.retry_after = retry_after
        self.extra = dict(extra or {})


class Coded(str):
    """The message of a validation error, with the code and the params by which a program says it in its language."""

    code: str
    params: dict[str, Any]

    def __new__(cls, code: str, message: str, /, **params: Any) -> "Coded":
        self = super().__new__(cls, message)
        self.code, self.params = code, params
        return self

    def format(self, *args: Any, **kwargs: Any) -> "Coded":
        """As `str.format`; the code and the params stay. Marshmallow's validators format their messages."""
        return Coded(self.code, super().format(*args, **kwargs), **self.params)


def wrong(field: str, code: str, message: str, /, **params: Any) -> dict[str, Any]:
    """One of the ``errors`` of a refusal: what is wrong with a field, for people and for programs (docs/api.md)."""
    return {"field": field, "code": code, "params": params, "message": message}


def not_found() -> Refusal:
    """The same refusal for a resource that does not exist and for one that belongs to another person."""
    return Refusal("not-found", "There is nothing here for you.")


def seconds_until(left: timedelta) -> int:
    """Whole seconds for a refusal's ``retry_after``, so that a retry then is not early; at least one."""
    return max(1, ceil(left.total_seconds()))
