"""Who is going and who has gone, in MongoDB: the services' answers, and until the receipt is on its way its address."""

from collections.abc import Sequence

from chassis.facts import Refusal
from chassis.http.auth import Actor
from chassis.http.commands import forget_answers
from chassis.mongo import Document
from chassis.unit import Unit
from contracts.facts import AccountErased
from contracts.parts import DATABASES
from services.accounts import mails, store
from services.accounts.model import ERASED


def commit(unit: Unit, project_id: str, people: Sequence[str]) -> None:
    """These two have something to bring to an end together, unless they have already."""
    change = {"$addToSet": {"people": {"$each": list(people)}}}
    unit.collection("commitments").update_one({"_id": project_id}, change, upsert=True)


def release(unit: Unit, project_id: str) -> None:
    """They are done; known even where the beginning is told later."""
    change = {"$set": {"over_at": unit.now}}
    unit.collection("commitments").update_one({"_id": project_id}, change, upsert=True)


def begin(unit: Unit, actor: Actor) -> None:
    """Erases the caller here and asks every other service to; ``open-commitments`` while something is to be done."""
    account = store.my_account(unit, actor)
    if unit.find("commitments", {"people": account.id, "over_at": None}):
        raise Refusal("open-commitments", "Complete the project that is under way first.")
    store.save_account(unit, account, [AccountErased(role=account.role)])
    store.remove_account(unit, account)
    mails.drop_links(unit, account.id)
    forget_answers(unit, account.id)
    unit.collection("commitments").update_many({"people": account.id}, {"$pull": {"people": account.id}})
    row: Document = {"_id": account.id, "requested_at": unit.now, "done": {"accounts": unit.now}, "completed_at": None}
    # the row carries the account's events on, so it carries their sequence on, too
    row |= {"to": account.address(), "version": account.version + 1}
    row["waits_for"] = sorted(DATABASES)  # a part that joins later was not asked, and holds nothing
    unit.collection("erasures").insert_one(row)


def note(unit: Unit, account_id: str, service: str) -> None:
    """A service has erased the person. With the last the receipt is ordered; ids and times are all that stays."""
    row = unit.find("erasures", {"_id": account_id})
    if row is None or service in row["done"]:
        return
    row["done"][service] = unit.now
    facts = []
    if row["completed_at"] is None and row["done"].keys() >= set(row.get("waits_for", DATABASES)):
        row["completed_at"] = unit.now
        facts.append(mails.order(unit, account_id, ERASED, mails.KEPT, row.pop("to")))
    unit.put("erasures", row, facts)
