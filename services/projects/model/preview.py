"""What a posting would give away before it is posted. Pure.

How many organisations a description fits is told in ranges: an exact number would tell, from one day to the next, when
a competitor of some size and sector has joined.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from contracts.vocabulary import SKILLS, mentioned
from contracts.wordings import SHOWN
from services.projects.model.leaks import FieldLeak, redact
from services.projects.model.scanning import Place

RANGES = ("under-5", "5-to-19", "20-or-more")
LEAST = (0, 5, 20)
"""The least number of each range."""
ENOUGH = LEAST[1]
MOST_COUNTED = LEAST[-1]
MOST_SUGGESTED = 8
MOST_ASKED = 10
"""Descriptions for which an account learns a range within a day."""


def range_of(count: int) -> str:
    """The range of a number of organisations."""
    return [name for name, least in zip(RANGES, LEAST, strict=True) if count >= least][-1]


def places_shown(leaks: Sequence[FieldLeak], confirmed: Sequence[Place]) -> list[dict[str, Any]]:
    """The places with whether each is confirmed; a certain one never is."""
    known = {(place.field, place.start, place.end) for place in confirmed}
    return [
        {**asdict(leak), "confirmed": not leak.certain and (leak.field, leak.start, leak.end) in known}
        for leak in leaks
    ]


def redacted(texts: Mapping[str, str], leaks: Sequence[FieldLeak]) -> dict[str, str]:
    """The texts without what names the client for certain."""
    certain = [leak for leak in leaks if leak.certain]
    return {name: redact(text, [leak for leak in certain if leak.field == name]) for name, text in texts.items()}


def topics_of(text: str, chosen: Sequence[str]) -> list[dict[str, str]]:
    """Skills that the text mentions, without those chosen already."""
    found = [id for id in mentioned(text) if id not in chosen][:MOST_SUGGESTED]
    return [{"id": id, "fr": SKILLS[id].fr, "en": SKILLS[id].en} for id in found]


def general_wordings(ranges: Mapping[str, str]) -> list[str]:
    """The wordings more general than the whole description that fit enough organisations; else the most general."""
    return [shown for shown in SHOWN[1:] if ranges[shown] != RANGES[0]] or [SHOWN[-1]]
