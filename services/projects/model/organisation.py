"""The client's organisation and its members. Owners describe it and invite; all members post and choose."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from chassis.facts import Fact, Refusal, not_found
from contracts.blind import domain_digest
from contracts.facts import OrganisationShared
from contracts.sectors import find_sector
from services.projects.model.leaks import Identity

OWNER, MEMBER = "owner", "member"
ROLES = (OWNER, MEMBER)
INVITATION_LIFE = timedelta(days=7)
MOST_MEMBERS = 200
MOST_INVITATIONS = 50


@dataclass(frozen=True)
class Member:
    """An account that acts for an organisation; ``role`` is one of `ROLES`.

    ``display_name`` is what the member tells the colleagues; empty until then.
    """

    account: str
    role: str
    display_name: str = ""


@dataclass(frozen=True)
class Invitation:
    """An open invitation for one colleague, identified by the digest of its token."""

    digest: str
    role: str
    expires_at: datetime

    @property
    def id(self) -> str:
        """Names the invitation to its organisation; the token cannot be found from it."""
        return self.digest[:20]


@dataclass
class Organisation:
    """A client. Only a chosen mentor may see it outside this service.

    ``sector`` is in the client's own words, which only a chosen mentor reads. ``sector_id`` is the entry of the closed
    list that it chose itself; without one, the words decide. ``due_at`` is set while its projects still have to be
    updated to its members. ``contact`` may lack ``phone``.
    ``shared_id`` names it in events, and nothing else: the ``id`` of older organisations is an account's.
    """

    id: str
    shared_id: str
    name: str
    aliases: list[str]
    domains: list[str]
    people: list[str]
    products: list[str]
    sector: str
    size: str
    contact: Mapping[str, str]
    siren: str | None = None
    sector_id: str | None = None
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
    def sector_shown(self) -> str:
        """The id of the sector that mentors read."""
        return self.sector_id or find_sector(self.sector)

    @property
    def identity(self) -> Identity:
        """The identity that its texts are scanned for."""
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
        """A copy with the new description; members and version are unchanged."""
        return replace(self, **{"siren": None, "sector_id": None, **body})

    def is_verified_by(self, confirmed: Mapping[str, str | None], secret: bytes) -> bool:
        """Whether one of its members has a confirmed e-mail address at one of its domains.

        ``confirmed`` maps accounts to the blind digest of their confirmed e-mail domain.
        """
        return any(
            confirmed[account] in [domain_digest(secret, account, domain) for domain in self.domains]
            for account in self.accounts
            if account in confirmed
        )

    def check_owner(self, account: str) -> None:
        """Raises ``forbidden`` unless the account is an owner."""
        if not any(member.account == account and member.role == OWNER for member in self.members):
            raise Refusal("forbidden", "Only owners of the organisation may do this.")

    def invite(self, digest: str, role: str, now: datetime) -> datetime:
        """Adds an invitation, given its token's digest; returns its expiry. Raises ``too-many-invitations``."""
        open_ones = self.open_invitations(now)
        if len(open_ones) >= MOST_INVITATIONS:
            raise Refusal("too-many-invitations", "Wait until some of the open invitations are accepted or expire.")
        expires_at = now + INVITATION_LIFE
        self.invitations = [*open_ones, Invitation(digest, role, expires_at)]
        return expires_at

    def join(self, digest: str, account: str, now: datetime) -> list[Fact]:
        """Joins by an invitation, which is used up. Raises ``not-found`` if expired or used, ``too-many-members``."""
        invitation = next((kept for kept in self.invitations if kept.digest == digest), None)
        if invitation is None or invitation.expires_at <= now:
            raise not_found()
        if len(self.members) >= MOST_MEMBERS:
            raise Refusal("too-many-members", "This organisation has reached its maximum number of members.")
        self.invitations = [kept for kept in self.invitations if kept is not invitation]
        self.members = [*self.members, Member(account, invitation.role)]
        return self.share()

    def change_role(self, account: str, role: str) -> None:
        """Changes a colleague's role; raises ``last-owner`` if no owner would be left."""
        known = [member for member in self.members if member.account == account]
        self.members = _owned([*self._others(account), *(replace(member, role=role) for member in known)])

    def name_member(self, account: str, display_name: str) -> Member:
        """Sets the name under which colleagues know a member; raises ``not-found`` for another account."""
        self._others(account)
        named = [
            replace(member, display_name=display_name) if member.account == account else member
            for member in self.members
        ]
        self.members = named
        return next(member for member in named if member.account == account)

    def open_invitations(self, now: datetime) -> list[Invitation]:
        """The invitations that can still be accepted."""
        return [kept for kept in self.invitations if kept.expires_at > now]

    def take_back(self, invitation_id: str, now: datetime) -> None:
        """Withdraws an open invitation; raises ``not-found``."""
        kept = [one for one in self.open_invitations(now) if one.id != invitation_id]
        if len(kept) == len(self.open_invitations(now)):
            raise not_found()
        self.invitations = kept

    def leave(self, account: str) -> list[Fact]:
        """Removes a member; raises ``last-owner`` if no owner would be left."""
        self.members = _owned(self._others(account))
        return self.share()

    def hand_over(self, account: str) -> list[Fact]:
        """Removes an erased account; if no owner is left, promotes the longest-standing member."""
        members = [member for member in self.members if member.account != account]
        if not any(member.role == OWNER for member in members):
            members[0] = replace(members[0], role=OWNER)
        self.members = members
        return self.share()

    def end(self) -> list[Fact]:
        """The last member's account was erased: nobody acts for it any more."""
        return [OrganisationShared(members=[])]

    def share(self) -> list[Fact]:
        """Its members from now on, after they changed."""
        return [OrganisationShared(members=self.accounts)]

    def _others(self, account: str) -> list[Member]:
        others = [member for member in self.members if member.account != account]
        if len(others) == len(self.members):
            raise not_found()
        return others


def found(organisation_id: str, shared_id: str, owner: str, body: Mapping[str, Any]) -> Organisation:
    """A new organisation with its first owner; ``body`` is the description."""
    return Organisation(organisation_id, shared_id, members=[Member(owner, OWNER)], **body)


def invitation_token(secret: bytes, invitation_id: str) -> str:
    """The token of an invitation, derived from its id: a retry gets the same one, and it need not be stored."""
    made = hmac.new(secret, b"releve.invitation.v1:" + invitation_id.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def _owned(members: list[Member]) -> list[Member]:
    if not any(member.role == OWNER for member in members):
        raise Refusal("last-owner", "Make another member an owner first.")
    return members
