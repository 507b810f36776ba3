"""What every caller gets from every route: status codes, recorded in table.json and reviewed against these rules."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.stories.callers.asking import Call

FILE = Path(__file__).with_name("table.json")
TABLE: Mapping[str, Mapping[str, int]] = json.loads(FILE.read_text()) if FILE.is_file() else {}
"""By operation and caller, the status."""
OWN = ("/api/openapi.json", "/api/docs")
"""Served by the gateway itself."""
OUTSIDE = ("nobody", "expired", "suspended", "erased")
"""Callers without a valid token: 401 everywhere except on public routes."""
ACCOUNTS = (
    "other", "uninvited", "invited", "losing", "chosen", "colleague", "owner", "operator",
)  # fmt: skip
"""Callers with an account, those with fewer rights in the owner's things first."""
PASSES = ("stranger", "fellow", "participant")
"""Callers with a pass: from another programme, from another pair, and of the pair in the path."""
ROLES = {
    "owner": "client", "colleague": "client", "other": "client", "operator": "operator", "uninvited": "mentor",
    "invited": "mentor", "losing": "mentor", "chosen": "mentor",
    "stranger": "participant", "fellow": "participant", "participant": "participant",
}  # fmt: skip
LAST = (
    "POST /api/projects/{project_id}/completion",
    "POST /api/programmes/{programme_id}/pairs/{mentor_ref}/{mentee_ref}/end",
    "POST /api/programmes/{programme_id}/closing",
    "POST /api/programmes/{programme_id}/leaving",
    "DELETE /api/programmes/{programme_id}/participants/{ref}",
    "POST /api/programmes/{programme_id}/objection",
    "POST /api/programmes/{programme_id}/erasure",
    "DELETE /api/sessions/{session_id}",
    "DELETE /api/organisations/me/members/{account_id}",
    "POST /api/operations/accounts/{account_id}/suspension",
    "DELETE /api/operations/accounts/{account_id}/suspension",
    "PUT /api/accounts/me/password",
    "PUT /api/accounts/me/email",
    "DELETE /api/sessions/others",
    "DELETE /api/sessions/current",
    "POST /api/accounts/me/erasure",
    "DELETE /api/accounts/me/erasure",
)
"""Operations that end what others need, in the order in which they are called."""


def order(calls: Sequence[Call]) -> list[Call]:
    """Reads first, then changes, then what ends something."""

    def place(call: Call) -> tuple[int, int, str]:
        last = LAST.index(call.name) if call.name in LAST else -1
        return (last + 1, call.method != "GET", call.name)

    return sorted(calls, key=place)


def by_rule(call: Call, caller: str) -> int | None:
    """The status that a rule demands; None where the caller's right depends on more than token and role."""
    if caller in OUTSIDE:
        return None if call.public else 401
    if caller in PASSES and "participant" not in call.roles:
        return None if call.public else 401  # a pass is no access token
    if call.roles and ROLES[caller] not in call.roles:
        return 403
    return None
