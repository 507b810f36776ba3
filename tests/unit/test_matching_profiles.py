"""The rules of a mentor's profile and weekly cap, and the texts that a mentor reads."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from marshmallow import ValidationError

from chassis.facts import Refusal, wrong
from contracts.facts import ProfileChanged
from services.matching.model import (
    WEEK,
    Profile,
    Written,
    check_profile,
    first_profile,
    free_from,
    may_be_invited,
    recent,
    zone_facts,
)
from services.matching.schemas import ProfileBody
from services.matching.views import cut, descriptor

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PROFILE = {
    "display_name": "Thomas",
    "headline": "Freelance, business intelligence",
    "school": "ESSEC",
    "bio": "Je forme des équipes au CRM depuis trois ans.",
    "skills": ["crm"],
    "languages": ["fr"],
    "day_rate": {"amount": 50_000, "currency": "EUR"},
}


def body(**changes: Any) -> dict[str, Any]:
    loaded: dict[str, Any] = ProfileBody().load(PROFILE | changes)
    return loaded


def refusal(**changes: Any) -> Refusal:
    with pytest.raises(Refusal) as refused:
        check_profile(Written(**body(**changes)), NOW)
    return refused.value


def test_omitted_profile_fields_have_defaults() -> None:
    loaded = body()
    assert loaded["weekly_invitations"] == 5
    assert loaded["timezone"] == "Europe/Paris"
    assert loaded["excluded_organisations"] == []
    assert loaded["paused"] is False
    assert loaded["available_from"] is None
    check_profile(Written(**loaded), NOW)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("timezone", "Europe/Atlantis"),
        ("timezone", "../../etc/passwd"),
        ("timezone", "localtime"),
        ("timezone", "Factory"),
        ("languages", ["french"]),
        ("languages", []),
        ("skills", []),
        ("weekly_invitations", 51),
        ("weekly_invitations", -1),
        ("weekly_invitations", "5"),
        ("available_from", "02/03/2026"),
        ("paused", "perhaps"),
        ("display_name", "  "),
        ("day_rate", {"amount": 0, "currency": "EUR"}),
        ("mentor_id", "my-choice"),
    ],
)
def test_invalid_field_is_named(field: str, value: Any) -> None:
    with pytest.raises(ValidationError) as error:
        body(**{field: value})
    assert list(error.value.normalized_messages()) == [field]


def test_duplicate_skill_counts_once() -> None:
    assert body(skills=["crm", "sales", "crm"])["skills"] == ["crm", "sales"]


def test_unknown_skill_is_named_with_suggestions() -> None:
    refused = refusal(skills=["crm", "website-creatoin"])
    assert refused.name == "invalid"
    (error,) = refused.errors
    assert error["field"] == "skills.1"
    assert "website-creation" in error["message"]
    assert (error["code"], error["params"]["near"][0]) == ("not-in-vocabulary", "website-creation")
    assert "website-creation" in refused.extra["suggestions"]["website-creatoin"]


def test_past_days_are_judged_in_paris_time() -> None:
    almost_midnight = datetime(2026, 3, 2, 22, 59, tzinfo=UTC)
    check_profile(Written(**body(available_from="2026-03-02")), almost_midnight)
    with pytest.raises(Refusal) as refused:
        check_profile(Written(**body(available_from="2026-03-02")), almost_midnight + timedelta(minutes=1))
    assert refused.value.errors == [wrong("available_from", "past-day", "This day is past.")]


@pytest.mark.parametrize("field", ["display_name", "headline", "school", "bio"])
def test_contact_data_is_refused_everywhere_on_the_card(field: str) -> None:
    refused = refusal(**{field: "Écrivez à thomas@example.org"})
    assert refused.name == "contact-data"
    assert [error["field"] for error in refused.errors] == [field]


def test_excluded_organisations_may_be_domains() -> None:
    check_profile(Written(**body(excluded_organisations=["nestle.com"])), NOW)


# The weekly cap.


def taker(*ages: timedelta, cap: int = 2, paused: bool = False) -> Profile:
    profile = first_profile("thomas", "card", Written(**body(weekly_invitations=cap, paused=paused)), NOW)
    return replace(profile, invited_at=[NOW - age for age in ages])


def test_cap_counts_the_invitations_of_the_last_seven_days() -> None:
    hour = timedelta(hours=1)
    assert may_be_invited(taker(hour), NOW)
    assert not may_be_invited(taker(hour, WEEK - hour), NOW)
    assert may_be_invited(taker(hour, WEEK), NOW)
    assert recent([NOW - WEEK, NOW - hour], NOW) == [NOW - hour]


def test_mentor_who_is_paused_or_has_zero_cap_is_not_invited() -> None:
    assert not may_be_invited(taker(paused=True), NOW)
    assert not may_be_invited(taker(cap=0), NOW)


def test_full_week_frees_up_when_the_oldest_invitation_expires() -> None:
    ages = [timedelta(days=6), timedelta(days=1), timedelta(days=3)]
    invited_at = [NOW - age for age in ages]
    assert free_from(invited_at, 2) == NOW - timedelta(days=3) + WEEK
    assert free_from(invited_at, 4) is None
    assert free_from(invited_at, 0) is None


# Texts and pages.


def test_client_is_described_in_the_readers_language() -> None:
    said = {"size": "large", "sector": "agroalimentaire"}
    assert descriptor(said, "fr") == "grande entreprise, agroalimentaire"
    assert descriptor(said, "en") == "large company, food industry"
    assert descriptor({"size": "large", "sector": "food"}, "fr") == "grande entreprise, agroalimentaire"


def test_short_list_is_paged_to_its_end() -> None:
    seen, cursor = [], None
    for _ in range(3):
        page = cut("abcde", {"limit": 2, "cursor": cursor})
        seen += page["items"]
        cursor = page["next_cursor"]
    assert (seen, cursor) == (list("abcde"), None)


@pytest.mark.parametrize("cursor", ["x", "-1", "٣", "1" * 30, "1.5"])
def test_bad_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(Refusal) as refused:
        cut("abc", {"limit": 2, "cursor": cursor})
    assert refused.value.name == "invalid"


@pytest.mark.parametrize(
    ("known", "zone", "told"),
    [
        (None, "Europe/Paris", False),
        (None, "Asia/Tokyo", True),
        ("Asia/Tokyo", "Asia/Tokyo", False),
        ("Asia/Tokyo", "Europe/Paris", True),
        ("Europe/Paris", "Asia/Tokyo", True),
    ],
)
def test_profile_change_publishes_a_changed_time_zone_only(known: str | None, zone: str, told: bool) -> None:
    facts = zone_facts("thomas", known, zone)
    assert facts == ([ProfileChanged(account="thomas", timezone=zone)] if told else [])
