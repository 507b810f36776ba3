"""Participants as those who enrol them see them, and as they see themselves; and the result of a file."""

from collections.abc import Mapping

from chassis.mongo import Document
from services.programmes.model.enrolling.checking import Checked
from services.programmes.model.enrolling.rows import Rows
from services.programmes.model.participants import ACTIVE, AGREED, ENROLLED, MENTEE, MENTOR, Participant

SHOWN = (
    "ref", "name", "email", "side", "organisation", "team", "manager_ref", "offers", "wants", "languages", "about",
    "place", "timezone", "availability", "capacity", "locale", "state", "via", "created_at", "agreed_at",
    "wished_challenge", "challenge",
)  # fmt: skip
MOST_PROBLEMS = 500
"""Problems listed in one answer; the others appear once these are solved."""


def participant_view(participant: Participant) -> Document:
    """A participant for those who run or organise the programme, and for the person."""
    return {name: getattr(participant, name) for name in SHOWN}


def own_view(participant: Participant) -> Document:
    """A participant's own data."""
    return participant_view(participant) | {"has_account": participant.account is not None}


def enrolment_view(checked: Checked, language: str, *, only_check: bool) -> Document:
    """What became of a file, with messages in the programme's language."""
    listed = {"rejected": checked.rejected, "warnings": checked.warnings}
    return {
        "accepted": len(checked.accepted),
        "checked": only_check,
        **{name: [one.shown(language) for one in found[:MOST_PROBLEMS]] for name, found in listed.items()},
        "left_off": sum(max(0, len(found) - MOST_PROBLEMS) for found in listed.values()),
    }


def rows_view(file: Rows) -> list[Document]:
    """The rows of a file as they were read."""
    return [{"line": row.line, "cells": {field: row.text(field) for field in row.cells}} for row in file.rows]


def counts_view(counts: Mapping[tuple[str, str], int], objected: int | None, reasons: Mapping[str, int]) -> Document:
    """How many people there are, by side and state; objections only for those who run the programme."""

    def count(*, side: str = "", state: str = "") -> int:
        found = {key: number for key, number in counts.items() if key[1] in ACTIVE}
        return sum(number for (of, at), number in found.items() if of == (side or of) and at == (state or at))

    return {
        "mentors": count(side=MENTOR),
        "mentees": count(side=MENTEE),
        "waiting": count(state=ENROLLED),
        "agreed": count(state=AGREED),
        "objected": objected,
        "reasons": dict(reasons),
    }
