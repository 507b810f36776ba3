"""Says what does not hold of all that was promised, from evidence alone: no clock, no I/O.

| kind | what it is |
|---|---|
| ``lost`` | acknowledged, and not in its store or topic; in an outbox, and not in its topic; told, and not taken in |
| ``doubled`` | an effect, an answer or an event that is there twice |
| ``sixth-quote`` | more than five quotes at once |
| ``window-never-ended``, ``-ended-twice``, ``-ended-early`` | a window that did not end once, in time |
| ``notification-missing``, ``-doubled``, ``-unfounded`` | what was told in-app is not what there was to tell |
| ``mail-doubled`` | two mails of one notification that a reader's program cannot know for one |
| ``leak`` | a planted word of a client where it may not be |
| ``order`` | an aggregate's events in another order than they happened in |
| ``dead-letter`` | something that a service could not handle |
"""

from collections.abc import Iterator

from tests.kit.oracle.doubles import find_doubles
from tests.kit.oracle.evidence import Evidence, Finding, Message
from tests.kit.oracle.leaks import find_leaks
from tests.kit.oracle.losses import find_losses
from tests.kit.oracle.news import find_news
from tests.kit.oracle.order import find_disorder
from tests.kit.oracle.windows import find_windows, lateness

__all__ = ["KINDS", "Evidence", "Finding", "Message", "check", "lateness"]

KINDS = (
    *("lost", "doubled", "sixth-quote"),
    *("window-never-ended", "window-ended-twice", "window-ended-early"),
    *("notification-missing", "notification-doubled", "notification-unfounded", "mail-doubled"),
    *("leak", "order", "dead-letter"),
)
MARGIN_S = 30.0


def check(evidence: Evidence, *, margin_s: float = MARGIN_S) -> list[Finding]:
    """Everything that does not hold, each with one of `KINDS`; nothing is an empty list.

    To be asked once the system has caught up: what is under way at that moment looks lost. A window that is open
    ``margin_s`` seconds after its time counts as one that never ends.
    """
    return [
        *find_losses(evidence),
        *find_doubles(evidence),
        *find_windows(evidence, margin_s),
        *find_news(evidence),
        *find_leaks(evidence),
        *find_disorder(evidence),
        *_dead_letters(evidence),
    ]


def _dead_letters(evidence: Evidence) -> Iterator[Finding]:
    for message in evidence.dead:
        name = message.name or "something undecodable"
        detail = f"{name} in {message.topic} at {message.partition}:{message.offset}"
        yield Finding("dead-letter", message.subject or message.topic, detail, message.at or None)
