"""Counts of a mentor's claims and quotes in MongoDB, for the quotas.

The transaction that counts also writes a document of the mentor, so that of concurrent ones one commits at a time.
"""

from chassis import guards
from chassis.unit import Unit
from services.quotes.model import DAY, WEEK, Quotas


def check_claim(unit: Unit, account: str, quotas: Quotas) -> None:
    """Refuses one more claim of this mentor beyond a quota."""
    rounds = unit.collection("rounds")
    held = {"account": account, "expires_at": {"$gt": unit.now}}
    expiries, lapsed = [], []
    if quotas.open_claims:
        for row in rounds.find({"reason": None, "slots": {"$elemMatch": held}}, {"slots": 1}):
            expiries += [slot["expires_at"] for slot in row["slots"] if slot["account"] == account]
    if quotas.lapsed_claims:
        lately = {"spent_claims": account, "opened_at": {"$gt": unit.now - WEEK}}
        lapsed = [row["opened_at"] for row in rounds.find(lately, {"opened_at": 1})]
    quotas.check_claim(expiries, lapsed, unit.now)
    if quotas.open_claims:
        guards.one_by_one(unit, f"claims:{account}")


def check_quote(unit: Unit, project_id: str, account: str, quotas: Quotas) -> None:
    """Refuses one more quote of this mentor beyond a quota."""
    quotes, submitted = unit.collection("quotes"), []
    here = len(list(quotes.find({"project_id": project_id, "account": account}, {"_id": 1})))
    if quotas.quotes_a_day:
        lately = {"account": account, "created_at": {"$gt": unit.now - DAY}}
        submitted = [row["created_at"] for row in quotes.find(lately, {"created_at": 1})]
    quotas.check_quote(submitted, here, unit.now)
    if quotas.quotes_a_day:
        guards.one_by_one(unit, f"quotes:{account}")
