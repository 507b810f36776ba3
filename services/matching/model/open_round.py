"""A project's round as `answers` reads it: its invitations joined with what the shortlist knows of each. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from contracts.market import DEFAULT_ZONE, SLOTS
from services.matching.model.answers import NOTHING_KNOWN, Record, Round, Sent
from services.matching.model.shortlist import CLAIMED, FREE, QUOTED, Shortlist


def round_of(
    shortlist: Shortlist,
    invited: Sequence[tuple[str, datetime]],
    records: Mapping[str, Record],
    zones: Mapping[str, str],
    now: datetime,
) -> Round:
    """The round of a project that is known. ``invited``: the accounts, each with when it was invited."""
    states = {standing.account: standing.state for standing in shortlist.standings}
    sent = [
        Sent(
            at=at,
            record=records.get(account, NOTHING_KNOWN),
            zone=zones.get(account, DEFAULT_ZONE),
            quoted=states.get(account) == QUOTED,
            quoted_at=shortlist.quoted_at.get(account),
            claimed=states.get(account) == CLAIMED,
            gone=account in shortlist.declined or states.get(account) == FREE,
            lapsed=states.get(account) == FREE,
            account=account,
        )
        for account, at in invited
    ]
    taken = [account for account, state in states.items() if state != FREE]
    since = [shortlist.claimed_at.get(one) or shortlist.quoted_at.get(one) or now for one in taken]
    return Round(
        sent=sent,
        now=now,
        closes_at=shortlist.closes_at or now,
        window=shortlist.window,
        full_since=max(since) if len(taken) >= SLOTS else None,
    )
