"""The client: who it is, and who acts for it. Owners describe it and invite, members post and choose."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from chassis.facts import Refusal, not_found
from contracts.blind import domain_digest
from services.projects.model.leaks import Identity

OWNER, MEMBER = "owner", "member"
ROLES = (OWNER, MEMBER)
INVITATION_LIFE = timedelta(days=7)
MOST_MEMBERS = 200
MOST_INVITATIONS = 50


@dataclass(frozen=True)
class Member:
    """Somebody who acts for an organisation; ``role`` is one of `ROLES`."""

    account: str
    role: str


@dataclass(frozen=True)
class Invitation:
    """An open way in for one colleague, known by the digest of its token."""

    digest: str
    role: str
    expires_at: datetime


@dataclass
class Organisation:
    """A client. It never leaves this service but to a chosen mentor.

    ``due_at`` is set while projects still have to follow its people. Of ``contact``, ``phone`` may be missing.
    """

    id: str
    name: str
    aliases: list[str]
    domains: list[str]
    people: list[str]
    products: list[str]
    sector: str
    size: str
    contact: Mapping[str, str]
    siren: str | None = None
    verified: bool = False
    members: list[Member] = field(default_factory=list)
    invitations: list[Invitation] = field(default_factory=list)
    due_at: datetime | None = None
    version: int = 0

    @property
    def accounts(self) -> list[str]:
        """The accounts that act for it."""
        return [member.account for member in self.members]

    @property
    def identity(self) -> Identity:
        """What its texts are compared with."""
        return Identity(
            name=self.name,
            aliases=tuple(self.aliases),
            domains=tuple(self.domains),
            siren=self.siren,
            people=tuple(self.people),
            products=tuple(self.products),
            contact_name=self.contact["name"],
            contact_email=self.contact["email"],
            contact_phone=self.contact.get("phone"),
        )

    def described(self, body: Mapping[str, Any]) -> "Organisation":
        """It as its owner describes it now; its people and its version stay."""
        return replace(self, **{"siren": None, **body})

    def is_verified_by(self, confirmed: Mapping[str, str | None], secret: bytes) -> bool:
        """Whether mail reaches one of its people at one of its domains.

        ``confirmed`` has, by account, the blind digest of the domain at which mail reached them.
        """
        return any(
            confirmed[account] in [domain_digest(secret, account, domain) for domain in self.domains]
            for account in self.accounts
            if account in confirmed
        )

    def check_owner(self, account: str) -> None:
        """``forbidden`` to all but its owners."""
        if Member(account, OWNER) not in self.members:
            raise Refusal("forbidden", "This is for the owners of the organisation.")

    def invite(self, digest: str, role: str, now: datetime) -> datetime:
        """Adds an invitation known by the digest of its token; when it expires. ``too-many-invitations``."""
        open_ones = [kept for kept in self.invitations if kept.expires_at > now]
        if len(open_ones) >= MOST_INVITATIONS:
            raise Refusal("too-many-invitations", "Wait until some of the open invitations are used or expire.")
        expires_at = now + INVITATION_LIFE
        self.invitations = [*open_ones, Invitation(digest, role, expires_at)]
        return expires_at

    def join(self, digest: str, account: str, now: datetime) -> None:
        """Uses up an invitation; ``not-found`` for one that has expired or was used, ``too-many-members``."""
        invitation = next((kept for kept in self.invitations if kept.digest == digest), None)
        if invitation is None or invitation.expires_at <= now:
            raise not_found()
        if len(self.members) >= MOST_MEMBERS:
            raise Refusal("too-many-members", "This organisation has as many members as it can have.")
        self.invitations = [kept for kept in self.invitations if kept is not invitation]
        self.members = [*self.members, Member(account, invitation.role)]

    def change_role(self, account: str, role: str) -> None:
        """Makes a colleague an owner or a member; ``last-owner`` where nobody else would own it."""
        self.members = _owned([*self._others(account), Member(account, role)])

    def leave(self, account: str) -> None:
        """Removes a member; ``last-owner`` where nobody else would own it."""
        self.members = _owned(self._others(account))

    def hand_over(self, account: str) -> None:
        """Removes an erased account; where nobody else owns it, the longest-standing member does from now on."""
        members = [member for member in self.members if member.account != account]
        if not any(member.role == OWNER for member in members):
            members[0] = replace(members[0], role=OWNER)
        self.members = members

    def _others(self, account: str) -> list[Member]:
        others = [member for member in self.members if member.account != account]
        if len(others) == len(self.members):
            raise not_found()
        return others


def found(organisation_id: str, owner: str, body: Mapping[str, Any]) -> Organisation:
    """A new organisation with its first owner, as that one describes it."""
    return Organisation(organisation_id, members=[Member(owner, OWNER)], **body)


def invitation_token(secret: bytes, invitation_id: str) -> str:
    """The token of an invitation: made again for whoever repeats the request, so that it is kept nowhere."""
    made = hmac.new(secret, b"releve.invitation.v1:" + invitation_id.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def _owned(members: list[Member]) -> list[Member]:
    if not any(member.role == OWNER for member in members):
        raise Refusal("last-owner", "Make somebody else an owner first.")
    return members
