"""Invitation links: whoever has one joins a programme, up to a number of people, from one e-mail domain if asked."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from chassis.facts import Refusal, not_found
from services.programmes.model.enrolling.emails import domain_of

TO_CONFIRM, JOINED = "to-confirm", "joined"
"""What becomes of somebody who uses a link: a mail asks them to confirm their address, or they take part at once."""
LIFE = timedelta(days=14)
LONGEST_LIFE = timedelta(days=180)
MOST_LINKS = 50
"""Links of a programme that are open at a time."""
MOST_PLACES = 5_000
CONFIRM_WITHIN = timedelta(days=2)
"""How long a place is kept for somebody who has not confirmed their address."""
MOST_MAILS = 3
"""Mails to one person within an hour that strangers can cause by giving this person's address."""
COUNT_MAILS = timedelta(hours=1)
_PURPOSE = b"releve.programme-link.v1:"


@dataclass
class Link:
    """An invitation link. Only its token's digest is stored.

    ``cap`` is the number of people who may join by it, at most and by default `MOST_PLACES`; ``domain`` that of their
    addresses.
    ``uses`` counts changes of its places, so that two people cannot both take the last one.
    """

    id: str
    programme: str
    side: str
    digest: str
    created_by: str
    created_at: datetime
    expires_at: datetime
    organisation: str = ""
    cap: int | None = None
    domain: str | None = None
    uses: int = 0

    def check_open(self, now: datetime) -> None:
        """Raises ``not-found`` once it has expired."""
        if self.expires_at <= now:
            raise not_found()

    def check_domain(self, email: str) -> None:
        """Raises ``wrong-domain`` for an address elsewhere; a subdomain is elsewhere."""
        if self.domain is not None and domain_of(email) != self.domain:
            raise Refusal("wrong-domain", "This link is for addresses of another domain.")

    def check_place(self, taken: int) -> None:
        """Raises ``link-full`` if as many people as its cap hold a place."""
        if taken >= (self.cap or MOST_PLACES):
            raise Refusal("link-full", "Everybody for whom this link was made has joined.")


def link_token(secret: bytes, link_id: str) -> str:
    """The token of a link, derived from its id: a retried request gets the same one, and it need not be stored."""
    made = hmac.new(secret, _PURPOSE + link_id.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).decode().rstrip("=")
