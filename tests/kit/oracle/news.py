"""Expected notifications, derived from the topics independently of notify, compared with those that notify holds."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from contracts.market import SLOTS
from tests.kit.oracle.evidence import Evidence, Finding, Message

Key = tuple[str, str, str, int]
"""Kind, person, project, and the number of quotes or reviews that it states."""
STATED = {
    "quote-received": "received", "window-ended": "quotes", "choice-reopened": "quotes", "review-shown": "reviews",
}  # fmt: skip
"""The kinds that state a number of quotes or reviews, and where."""
BY_TIME = ("deadline-near", "claim-ending", "choice-reminder", "question-asked", "question-answered", "programme")
"""Sent or not depending on when notify runs, or about requests that no load makes: neither missing nor unfounded.
What concerns programmes is checked by `programmes`, reminders of claims by `_claims`."""
CLAIM_OVER = ("slot.released", "quote.submitted", "invitation.declined")
"""The events of a mentor after which a claim does not end any more."""
OUTCOMES = {
    "accepted": "chosen",
    "not_chosen": "not-chosen",
    "refused": "project-refused",
    "lapsed": "project-expired",
    "destroyed": "project-cancelled",
}
"""The notification that a mentor gets when a quote ends in this state."""


def find_news(evidence: Evidence) -> Iterator[Finding]:
    """``notification-missing``, ``-doubled`` and ``-unfounded``, and ``mail-doubled``."""
    if "notify" not in evidence.services:
        return
    expected: dict[Key, float] = {}
    for project, posted in evidence.posted.items():
        expected |= {key: at for key, at in _expected(evidence, project, posted).items() if key[1] not in evidence.gone}
    found: Counter[Key] = Counter()
    for row in evidence.rows("notify", "notifications"):
        if row["kind"] not in BY_TIME:
            stated = row["data"][STATED[row["kind"]]] if row["kind"] in STATED else 0
            found[row["kind"], row["account"], row["project_id"], stated] += 1
    for key, at in expected.items():
        if key not in found:
            yield Finding("notification-missing", key[2], f"{key[1]} was never notified: {_said(key)}", at)
    for key, times in found.items():
        when = expected.get(key)
        if times > 1:
            yield Finding("notification-doubled", key[2], f"{key[1]} was notified {times} times: {_said(key)}", when)
        if when is None and key[2] in evidence.posted and not _may_be(evidence, key):
            yield Finding("notification-unfounded", key[2], f"{key[1]} was notified of nothing: {_said(key)}", None)
    yield from _claims(evidence)
    yield from _mails(evidence)


def _claims(evidence: Evidence) -> Iterator[Finding]:
    """A claim is reminded of once at most, while it is running: an event on the way takes a false one back."""
    reminded: set[tuple[str, str]] = set()
    for row in evidence.rows("notify", "notifications"):
        if row["kind"] != "claim-ending" or row["project_id"] not in evidence.posted:
            continue
        account, project, at = row["account"], row["project_id"], row["created_at"].timestamp()
        mine = [event for event in evidence.about("slot.claimed", project) if event.payload["account"] == account]
        begun = [event.at for event in mine if event.at <= at < row["data"]["until"].timestamp()]
        over = [
            *(one for name in CLAIM_OVER for one in evidence.about(name, project) if one.payload["account"] == account),
            *(one for name in ("window.closed", "project.cancelled") for one in evidence.about(name, project)),
        ]
        if not begun or any(begun[-1] <= event.at <= at for event in over):
            yield Finding("notification-unfounded", project, f"{account} was reminded of a claim that was over", at)
        if (account, project) in reminded:
            yield Finding("notification-doubled", project, f"{account} was reminded twice of a claim", at)
        reminded.add((account, project))


def _may_be(evidence: Evidence, key: Key) -> bool:
    """A mentor who quoted and declined concurrently may hear of a cancellation, depending on the order of events."""
    if key[1] in evidence.gone:
        return False
    quoted = {event.payload["account"] for event in evidence.about("quote.submitted", key[2])}
    return key[0] == "project-cancelled" and key[1] in quoted


def _key(kind: str, account: str, project: str, stated: int = 0) -> Key:
    return (kind, account, project, stated)


def _said(key: Key) -> str:
    return f"{key[0]} {key[3]}" if key[3] else key[0]


def _expected(evidence: Evidence, project: str, posted: Message) -> dict[Key, float]:
    """Every notification that this project caused, with the time of its cause."""
    clients = posted.payload.get("clients") or [posted.payload["client"]]
    invited = {
        mentor["account"]: event.at
        for event in evidence.about("mentors.invited", project)
        for mentor in event.payload["mentors"]
    }
    declined = {event.payload["account"] for event in evidence.about("invitation.declined", project)}
    expected = {_key("invited", account, project): at for account, at in invited.items()}
    for event in evidence.about("quote.submitted", project):
        received = event.payload["received"]
        if received < SLOTS or not posted.payload["close_early"]:  # the fifth may end the window instead
            expected |= {_key("quote-received", client, project, received): event.at for client in clients}
    cancelled = evidence.about("project.cancelled", project)
    closed = evidence.about("window.closed", project)
    if cancelled:
        live = _live(evidence, project)
        waiting = [account for account in invited if account in live or account not in declined]
        expected |= {_key("project-cancelled", account, project): cancelled[0].at for account in waiting}
        if cancelled[0].payload.get("by") == "moderation":
            expected |= {_key("cancelled-by-moderation", client, project): cancelled[0].at for client in clients}
    elif closed:
        quoted = {quote["account"] for quote in closed[0].payload["quotes"]}
        expected |= _of_the_choice(evidence, project, closed[0], clients)
        left = set(invited) - quoted - declined
        expected |= {_key("round-over", account, project): closed[0].at for account in left}
    for event in evidence.about("project.awarded", project):
        expected[_key("chosen", event.payload["account"], project)] = event.at
    for event in evidence.about("project.completed", project):
        both = (*clients, event.payload["account"])
        expected |= {_key("project-completed", account, project): event.at for account in both}
    for event in evidence.about("reviews.shown", project):
        both, reviews = (*clients, event.payload["account"]), event.payload["reviews"]
        expected |= {_key("review-shown", account, project, reviews): event.at for account in both}
    for event in evidence.about("project.expired", project):
        expected |= {_key("project-expired", client, project): event.at for client in clients}
    for event in evidence.about("quotes.settled", project):
        for quote in event.payload["quotes"]:
            expected[_key(OUTCOMES[quote["outcome"]], quote["account"], project)] = event.at
    return expected


def _of_the_choice(evidence: Evidence, project: str, closed: Message, clients: Sequence[str]) -> dict[Key, float]:
    """What the clients hear of the quotes that they may choose from: as many as projects lets them.

    Where mentors who left without having been chosen leave none, only ``choice-reopened`` says so.
    """
    quotes, row = len(closed.payload["quotes"]), evidence.by_id("projects", "projects").get(project, {})
    if not quotes:
        return {_key("project-unfilled", client, project): closed.at for client in clients}
    expected: dict[Key, float] = {}
    offered = (row.get("ended") or {"quotes": quotes})["quotes"]
    awarded = {event.payload["account"] for event in evidence.about("project.awarded", project)}
    for event in evidence.about("project.reopened", project):
        remaining, chosen = event.payload["quotes"], event.payload["account"] in awarded
        if not remaining or chosen:
            expected |= {_key("choice-reopened", client, project, remaining): event.at for client in clients}
        offered = offered if remaining or chosen else 0
    if offered:
        expected |= {_key("window-ended", client, project, offered): closed.at for client in clients}
    return expected


def _live(evidence: Evidence, project: str) -> set[str]:
    """The mentors who had a quote in at the end."""
    events = [*evidence.about("quote.submitted", project), *evidence.about("quote.withdrawn", project)]
    live: set[str] = set()
    for event in sorted(events, key=lambda one: one.sequence):
        (live.add if event.name == "quote.submitted" else live.discard)(event.payload["account"])
    return live


def _mails(evidence: Evidence) -> Iterator[Finding]:
    """One mail sent twice has one Message-ID; two Message-IDs for one notification are two mails."""
    ids: dict[tuple[str, str], set[str]] = defaultdict(set)
    for mail in evidence.mails:
        if mail["notification"]:
            ids[mail["to"], mail["notification"]].add(mail["message_id"])
    rows = evidence.by_id("notify", "notifications")
    for (to, notification), distinct in ids.items():
        if len(distinct) > 1:
            row = rows.get(notification)
            at = row["created_at"].timestamp() if row else None
            yield Finding("mail-doubled", notification, f"{to} has {len(distinct)} mails of one notification", at)
    deliveries = Counter(row["notification_id"] for row in evidence.rows("notify", "deliveries"))
    for id, times in deliveries.items():
        if id is not None and times > 1:
            yield Finding("mail-doubled", str(id), f"{times} deliveries of one notification", None)
