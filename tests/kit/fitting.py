"""Mentors on a shelf and needs, for tests of the ranking; the texts are read by the real encoder."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from contracts.fit.encoder import SmallE5, Vectors, small_e5
from contracts.fit.portraits import ask, paint
from services.matching.model.profiles import Profile, texts_of, traits_of
from services.matching.model.ranking import Need, Ranked, rank
from services.matching.model.shelf import Shelf


class Counting:
    """The bundled model; it notes what it reads."""

    name = SmallE5.name

    def __init__(self) -> None:
        self.texts: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.texts += texts
        return small_e5().encode(texts)


TODAY = date(2026, 3, 2)
THOMAS = Profile(
    display_name="Thomas",
    headline="",
    school="",
    bio="",
    skills=["crm", "social-networks"],
    languages=["fr"],
    day_rate={"amount": 50_000, "currency": "EUR"},
    weekly_invitations=5,
    available_from=None,
    excluded_organisations=[],
    timezone="Europe/Paris",
    paused=False,
    account="thomas",
    mentor_id="card-thomas",
    joined_at=datetime(2026, 1, 1, tzinfo=UTC),
)
TITLE = "Coacher nos équipes"
BRIEF = "Nous cherchons une personne qui connaît les données clients, la fidélité et le bocage normand."


def mentor(account: str, **changes: Any) -> Profile:
    """A profile like `THOMAS` with changes."""
    return replace(THOMAS, account=account, mentor_id=f"card-{account}", **changes)


def need(
    topics: Sequence[str] = ("crm", "social-networks"),
    languages: Sequence[str] = ("fr",),
    title: str = TITLE,
    brief: str = BRIEF,
    budget: int | None = 500_000,
    currency: str | None = "EUR",
) -> Need:
    """A need; the budget is in minor units."""
    return Need(ask(title, brief, topics, small_e5()), tuple(languages), budget, currency)


def shelved(profiles: Iterable[Profile]) -> Shelf:
    """A shelf with these mentors."""
    shelf = Shelf()
    for one in profiles:
        put(shelf, one)
    return shelf


def put(shelf: Shelf, one: Profile) -> None:
    """Paints a mentor and puts them on the shelf."""
    shelf.put(one.account, "", paint(one.skills, texts_of(one), small_e5()), traits_of(one))


def ranked(asked: Need, *profiles: Profile, seed: str = "s", today: date = TODAY) -> dict[str, Ranked]:
    """The eligible mentors in their order."""
    return {one.mentor: one for one in rank(shelved(profiles), asked, today, seed).entries()}
