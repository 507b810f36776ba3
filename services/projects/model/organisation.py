"""The rules of who acts for an organisation: owners describe it and invite, members post and choose. Pure."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from chassis.facts import Refusal, not_found

OWNER, MEMBER = "owner", "member"
ROLES = (OWNER, MEMBER)
INVITATION_LIFE = timedelta(days=7)
MOST_MEMBERS = 200
MOST_INVITATIONS = 50


def accounts_of(organisation: Mapping[str, Any]) -> list[str]:
    """The accounts that act for it."""
    return [member["account"] for member in organisation["members"]]


def check_owner(organisation: Mapping[str, Any], account: str) -> None:
    """``forbidden`` to all but its owners."""
    if {"account": account, "role": OWNER} not in organisation["members"]:
        raise Refusal("forbidden", "This is for the owners of the organisation.")


def invite(organisation: dict[str, Any], digest: str, role: str, now: datetime) -> datetime:
    """Adds an invitation known by the digest of its token; when it expires. ``too-many-invitations``."""
    open_ones = [kept for kept in organisation.get("invitations", []) if kept["expires_at"] > now]
    if len(open_ones) >= MOST_INVITATIONS:
        raise Refusal("too-many-invitations", "Wait until some of the open invitations are used or expire.")
    expires_at = now + INVITATION_LIFE
    organisation["invitations"] = [*open_ones, {"digest": digest, "role": role, "expires_at": expires_at}]
    return expires_at


def invitation_token(secret: bytes, invitation_id: str) -> str:
    """The token of an invitation: made again for whoever repeats the request, so that it is kept nowhere."""
    made = hmac.new(secret, b"releve.invitation.v1:" + invitation_id.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def join(organisation: dict[str, Any], digest: str, account: str, now: datetime) -> None:
    """Uses up an invitation; ``not-found`` for one that has expired or was used, ``too-many-members``."""
    invitation = next((kept for kept in organisation["invitations"] if kept["digest"] == digest), None)
    if invitation is None or invitation["expires_at"] <= now:
        raise not_found()
    if len(organisation["members"]) >= MOST_MEMBERS:
        raise Refusal("too-many-members", "This organisation has as many members as it can have.")
    organisation["invitations"] = [kept for kept in organisation["invitations"] if kept is not invitation]
    organisation["members"] = [*organisation["members"], {"account": account, "role": invitation["role"]}]


def change_role(organisation: dict[str, Any], account: str, role: str) -> None:
    """Makes somebody an owner or a member; ``last-owner`` where nobody else would own it."""
    members = [member for member in organisation["members"] if member["account"] != account]
    if len(members) == len(organisation["members"]):
        raise not_found()
    organisation["members"] = _owned([*members, {"account": account, "role": role}])


def leave(organisation: dict[str, Any], account: str) -> None:
    """Somebody goes; ``last-owner`` where nobody else would own it."""
    members = [member for member in organisation["members"] if member["account"] != account]
    if len(members) == len(organisation["members"]):
        raise not_found()
    organisation["members"] = _owned(members)


def hand_over(organisation: dict[str, Any], account: str) -> None:
    """Somebody is gone for good; where nobody else owns it, whoever has been there longest does from now on."""
    members = [member for member in organisation["members"] if member["account"] != account]
    if not any(member["role"] == OWNER for member in members):
        members[0] = {**members[0], "role": OWNER}
    organisation["members"] = members


def _owned(members: list[dict[str, str]]) -> list[dict[str, str]]:
    if not any(member["role"] == OWNER for member in members):
        raise Refusal("last-owner", "Make somebody else an owner first.")
    return members
