"""Converts the reasons of an invitation to and from their stored form."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from chassis.mongo import Document
from services.matching.model import Reason


def rows(why: Sequence[Reason]) -> list[Document]:
    """The reasons in the form that `reasons` reads."""
    return [asdict(reason) for reason in why]


def reasons(stored: Sequence[Mapping[str, Any]]) -> tuple[Reason, ...]:
    """Reads what `rows` wrote."""
    return tuple(Reason(row["code"], tuple(row["data"])) for row in stored)
