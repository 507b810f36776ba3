"""The messages that programmes asks notify to mail: each kind, with the values that its words may use.

Notify writes the words. Programmes answers with the values when a mail is sent, and with an empty text for one that the
recipient may not read, or not yet.
"""

from collections.abc import Mapping

COMMON = ("programme", "host", "contact_name", "contact_email", "until")
"""The values of every kind. ``until`` is when the link expires; None if the recipient signs in with an account."""
MESSAGES: Mapping[str, tuple[str, ...]] = {
    "enrolled": ("purpose", "side", "format"),
    "joined": ("purpose", "format"),
    "organiser-invited": ("purpose", "organisation"),
    "link-renewed": (),
    "pair-published": ("partner", "answer_by"),
    "team-published": ("team", "challenge"),
    "left-unpaired": (),
    "left-without-team": (),
    "answer-reminder": ("answer_by",),
    "pair-active": ("partner", "partner_email"),
    "pair-changed": ("partner", "answer_by"),
    "session-planned": ("partner", "starts_at"),
    "session-moved": ("partner", "starts_at"),
    "session-cancelled": ("partner", "starts_at"),
    "nudge": ("partner",),
    "pair-ended": ("partner",),
    "assessment": ("moment",),
    "programme-closed": (),
    "objected": (),
    "proposal-ready": ("pairs", "unpaired"),
    "needs-attention": ("count",),
    "pairs-quiet": ("count",),
}
"""``side`` is mentor or mentee, ``format`` pairing or challenge, ``moment`` start or end."""
INSTANTS = ("until", "answer_by", "starts_at")
"""The values that are instants, which notify writes in the recipient's language and time zone."""
COUNTS = ("pairs", "unpaired", "count")
"""The values that are whole numbers."""
