"""The reasons of an invitation, as they are stored in lists and invitations."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from chassis.mongo import Document
from services.matching.model import Reason


def rows(why: Sequence[Reason]) -> list[Document]:
    """What `reasons` reads back."""
    return [asdict(reason) for reason in why]


def reasons(stored: Sequence[Mapping[str, Any]]) -> tuple[Reason, ...]:
    """The reasons as they were stored."""
    return tuple(Reason(row["code"], tuple(row["data"])) for row in stored)
