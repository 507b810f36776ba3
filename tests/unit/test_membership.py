"""Who acts for an organisation, without any engine."""

from datetime import UTC, datetime
from typing import Any

import pytest

from chassis.facts import Refusal
from services.projects.model.organisation import (
    INVITATION_LIFE,
    MOST_INVITATIONS,
    accounts_of,
    change_role,
    check_owner,
    invite,
    join,
    leave,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def organisation(*members: str) -> dict[str, Any]:
    return {"members": [{"account": "first", "role": "owner"}, *({"account": m, "role": "member"} for m in members)]}


def refused(action: Any, *args: Any) -> str:
    with pytest.raises(Refusal) as refusal:
        action(*args)
    return refusal.value.name


def test_an_invitation_is_used_once_and_gives_its_role() -> None:
    ours = organisation()
    assert invite(ours, "digest", "member", NOW) == NOW + INVITATION_LIFE
    join(ours, "digest", "second", NOW)
    assert accounts_of(ours) == ["first", "second"]
    assert refused(check_owner, ours, "second") == "forbidden"
    assert refused(join, ours, "digest", "third", NOW) == "not-found"


def test_an_expired_invitation_leads_nowhere() -> None:
    ours = organisation()
    invite(ours, "digest", "owner", NOW)
    assert refused(join, ours, "digest", "second", NOW + INVITATION_LIFE) == "not-found"


def test_open_invitations_are_bounded_and_expired_ones_do_not_count() -> None:
    ours = organisation()
    for number in range(MOST_INVITATIONS):
        invite(ours, str(number), "member", NOW)
    assert refused(invite, ours, "more", "member", NOW) == "too-many-invitations"
    invite(ours, "later", "member", NOW + INVITATION_LIFE)
    assert [kept["digest"] for kept in ours["invitations"]] == ["later"]


def test_there_is_always_an_owner() -> None:
    ours = organisation("second")
    assert refused(leave, ours, "first") == "last-owner"
    assert refused(change_role, ours, "first", "member") == "last-owner"
    change_role(ours, "second", "owner")
    leave(ours, "first")
    assert accounts_of(ours) == ["second"]
    assert refused(leave, ours, "first") == "not-found"
    assert refused(change_role, ours, "stranger", "member") == "not-found"
