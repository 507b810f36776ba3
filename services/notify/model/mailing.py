"""Whether and when a mail may be sent. Pure: time and chance are arguments."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from services.notify.model.audience import NEEDED
from services.notify.model.deliveries import Delivery
from services.notify.model.people import QuietHours
from services.notify.model.project import Project

TRIES = 16
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=3)
JITTER = 0.2
STALE_AFTER = timedelta(days=3)
BEFORE_THE_END = frozenset({"invited", "deadline-near", "claim-ending", "question-asked", "question-answered"})
"""Kinds that are useful only during the window, or until the end of a claim."""


@dataclass(frozen=True)
class Plan:
    """What to do with a mail now. ``reason`` is set for "drop"; ``until`` for "wait" and "gather"."""

    action: Literal["send", "wait", "gather", "drop"]
    reason: str = ""
    until: datetime | None = None


SEND = Plan("send")


def plan(
    delivery: Delivery,
    project: Project | None,
    wanted: bool,
    quiet: QuietHours,
    zone: str,
    now: datetime,
    gathers_until: time | None = None,
) -> Plan:
    """Sends the mail, unless the person opted out, it is outdated, quiet hours apply, or a digest can take it.

    Quiet hours and the digest delay a mail of `BEFORE_THE_END` only if the window outlasts them. A digest never takes a
    kind in `NEEDED`. ``gathers_until`` is the digest's time of day; it applies during quiet hours too, because the
    person chose it.
    """
    if reason := reason_to_drop(delivery, project, wanted, now):
        return Plan("drop", reason)
    kind, account = delivery.kind, delivery.account
    digest_at = None if gathers_until is None or kind in NEEDED else next_clock(gathers_until, zone, now)
    until = digest_at or quiet_until(quiet, zone, now)
    if until is None or (kind in BEFORE_THE_END and (project is None or _useless(kind, account, project, until))):
        return SEND
    return Plan("gather" if digest_at else "wait", until=until)


def reason_to_drop(delivery: Delivery, project: Project | None, wanted: bool, now: datetime) -> str:
    """Why a mail is no longer to be sent: ``unwanted``, ``stale`` or ``outdated``; empty if it is."""
    if not wanted:
        return "unwanted"
    if now - delivery.news_at > STALE_AFTER:  # a restored broker redelivers old events
        return "stale"
    if project is None or _is_outdated(delivery.kind, delivery.account, project, now):
        return "outdated"
    return ""


def next_clock(clock: time, zone: str, now: datetime) -> datetime:
    """The next time after ``now`` at which a clock in ``zone`` shows ``clock``."""
    local = ZoneInfo(zone)
    day = now.astimezone(local).date()
    at = datetime.combine(day, clock, local).astimezone(UTC)
    return at if at > now else datetime.combine(day + timedelta(days=1), clock, local).astimezone(UTC)


def _is_outdated(kind: str, account: str, project: Project, now: datetime) -> bool:
    if kind in ("invited", "deadline-near") and account in project.quoted:
        return True
    if kind == "question-asked" and set(project.asked) <= project.answered.keys():
        return True
    if kind == "claim-ending" and account not in project.claimed:
        return True
    if kind in BEFORE_THE_END:
        return _useless(kind, account, project, now) or account in project.declined
    if kind == "quote-received":
        return project.over(now)
    return kind == "window-ended" and bool(project.outcomes)


def _useless(kind: str, account: str, project: Project, at: datetime) -> bool:
    """Whether a mail of `BEFORE_THE_END` is of no use any more ``at`` that moment."""
    reminded = project.claims_ending.get(account)
    return project.over(at) or (kind == "claim-ending" and reminded is not None and at >= reminded["until"])


def quiet_until(quiet: QuietHours, zone: str, now: datetime) -> datetime | None:
    """The end of the quiet hours that ``now`` falls in, by the clock of ``zone``; None outside them.

    Always later than ``now``: when clocks go back and an hour repeats, the same occurrence of the hour counts.
    """
    if not quiet.on or quiet.start == quiet.end:
        return None
    local = now.astimezone(ZoneInfo(zone))
    clock = local.time()
    if quiet.start < quiet.end:
        inside = quiet.start <= clock < quiet.end
    else:
        inside = clock >= quiet.start or clock < quiet.end
    if not inside:
        return None
    day = local.date() + timedelta(days=1 if clock >= quiet.end else 0)
    ends = (datetime.combine(day, quiet.end, local.tzinfo).replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    return next(end for end in ends if end > now).astimezone(now.tzinfo)


def backoff(tries: int, chance: float) -> timedelta | None:
    """The wait after the ``tries``-th failure: doubling from 30 s to 3 h, spread by ``chance`` (0 to 1).

    None after `TRIES` failures, which take about a day.
    """
    if tries >= TRIES:
        return None
    wait = min(FIRST_WAIT * 2 ** (tries - 1), LONGEST_WAIT)
    return wait * (1 + JITTER * (2 * chance - 1))
