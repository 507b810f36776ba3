"""What the solver answers as plain data, to be stored or sent to another process, and back."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from contracts.fit.reasons import Reason
from services.programmes.model.pairing.proposal import Change, Conflict, Demand, Obstacle, SecondBest, Unpaired

Data = Mapping[str, Any]


def reasons_data(reasons: Sequence[Reason]) -> list[dict[str, Any]]:
    """Reasons as ``{"code", "data"}``."""
    return [{"code": one.code, "data": list(one.data)} for one in reasons]


def reasons_of(data: Sequence[Data]) -> tuple[Reason, ...]:
    """The reverse of `reasons_data`."""
    return tuple(Reason(one["code"], tuple(one["data"])) for one in data)


def second_best_data(second: SecondBest | None) -> dict[str, Any] | None:
    """A second best as ``{"mentor", "score", "free"}``."""
    return asdict(second) if second else None


def second_best_of(data: Data | None) -> SecondBest | None:
    """The reverse of `second_best_data`."""
    return SecondBest(**data) if data else None


def unpaired_data(unpaired: Unpaired) -> dict[str, Any]:
    """Somebody without a pair as nested dictionaries with the names of the fields."""
    found = asdict(unpaired)
    return {**found, "obstacles": list(found["obstacles"]), "changes": list(found["changes"])}


def unpaired_of(data: Data) -> Unpaired:
    """The reverse of `unpaired_data`."""
    obstacles = tuple(Obstacle(**one) for one in data["obstacles"])
    changes = tuple(Change(**one) for one in data["changes"])
    return Unpaired(data["person"], data["side"], data["must"], obstacles, changes)


def conflict_data(conflict: Conflict) -> list[dict[str, Any]]:
    """The demands of a conflict, as dictionaries."""
    return [{**asdict(one), "people": list(one.people)} for one in conflict.demands]


def conflict_of(data: Sequence[Data]) -> Conflict:
    """The reverse of `conflict_data`."""
    return Conflict(tuple(Demand(**{**one, "people": tuple(one["people"])}) for one in data))
