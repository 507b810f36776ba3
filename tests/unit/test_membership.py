"""The rules of membership in an organisation."""

from datetime import UTC, datetime
from typing import Any

import pytest

from chassis.facts import Refusal
from contracts.facts import OrganisationShared
from services.projects.model.organisation import (
    INVITATION_LIFE,
    MOST_INVITATIONS,
    Member,
    Organisation,
    found,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def organisation(*members: str) -> Organisation:
    lists: dict[str, Any] = {name: [] for name in ("aliases", "domains", "people", "products")}
    ours = found("org", "shared", "first", lists | {"name": "Ours", "sector": "food", "size": "group", "contact": {}})
    ours.members += [Member(account, "member") for account in members]
    return ours


def refused(action: Any, *args: Any) -> str:
    with pytest.raises(Refusal) as refusal:
        action(*args)
    return refusal.value.name


def test_invitation_is_used_once_and_grants_its_role() -> None:
    ours = organisation()
    assert ours.invite("digest", "member", NOW) == NOW + INVITATION_LIFE
    ours.join("digest", "second", NOW)
    assert ours.accounts == ["first", "second"]
    assert refused(ours.check_owner, "second") == "forbidden"
    assert refused(ours.join, "digest", "third", NOW) == "not-found"


def test_expired_invitation_is_refused() -> None:
    ours = organisation()
    ours.invite("digest", "owner", NOW)
    assert refused(ours.join, "digest", "second", NOW + INVITATION_LIFE) == "not-found"


def test_number_of_unexpired_invitations_is_limited() -> None:
    ours = organisation()
    for number in range(MOST_INVITATIONS):
        ours.invite(str(number), "member", NOW)
    assert refused(ours.invite, "more", "member", NOW) == "too-many-invitations"
    ours.invite("later", "member", NOW + INVITATION_LIFE)
    assert [kept.digest for kept in ours.invitations] == ["later"]


def test_organisation_always_keeps_an_owner() -> None:
    ours = organisation("second")
    assert refused(ours.leave, "first") == "last-owner"
    assert refused(ours.change_role, "first", "member") == "last-owner"
    ours.change_role("second", "owner")
    ours.leave("first")
    assert ours.accounts == ["second"]
    assert refused(ours.leave, "first") == "not-found"
    assert refused(ours.change_role, "stranger", "member") == "not-found"


def test_change_of_members_publishes_all_who_are_left() -> None:
    ours = organisation("second")
    ours.invite("digest", "member", NOW)
    assert ours.join("digest", "third", NOW) == [OrganisationShared(members=["first", "second", "third"])]
    assert ours.leave("second") == [OrganisationShared(members=["first", "third"])]
    assert ours.hand_over("first") == [OrganisationShared(members=["third"])]
    assert ours.members == [Member("third", "owner")]
    assert ours.end() == [OrganisationShared(members=[])]
