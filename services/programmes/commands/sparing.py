"""Spares addresses: a bounded number of mails a day that others cause, over all programmes of all organisations.

Concurrent mails to one address write the same row, so that two of them cannot both be the last one.
"""

from collections.abc import Callable, Collection

from chassis.unit import Unit
from services.programmes import store
from services.programmes.config import Config
from services.programmes.model.enrolling.emails import address_digest

INVITED, RENEWED = "invited", "renewed"
"""Two counts: of mails that bring people into a programme, and of mails with a new link."""


def spared(unit: Unit, config: Config, emails: Collection[str], kind: str = INVITED) -> Callable[[str], bool]:
    """A function that says of one of these addresses whether it has had as many mails today as it may."""
    if not config.invitations:
        return lambda _: False
    digests = _digests(config, emails, kind)
    often = store.mailed_often(unit, digests.values(), config.invitations)
    return lambda email: digests[email] in often


def count(unit: Unit, config: Config, emails: Collection[str], kind: str = INVITED) -> None:
    """Counts one mail to each of these addresses."""
    if config.invitations and emails:
        store.count_mailed(unit, _digests(config, emails, kind).values(), config.invitations)


def _digests(config: Config, emails: Collection[str], kind: str) -> dict[str, str]:
    return {email: address_digest(config.blind_secret, kind, email) for email in emails}
