"""Migrations of this service's documents. See `chassis.migrations`."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial

from chassis import datakeys
from chassis.datakeys import DataKey
from chassis.ids import new_id
from chassis.keyring import Keyring
from chassis.migrations import Migration, change_each, drop_index
from chassis.mongo import Document, Documents
from chassis.outbox import drop_replaced_indexes
from chassis.places import keep_apart, rows_of
from chassis.sealing import seal
from chassis.unit import Unit, UnitOfWork
from contracts.events import CONTRACT
from contracts.facts import OrganisationShared
from contracts.sectors import find_sector
from services.projects.model.leaks import Identity, find_leaks
from services.projects.model.leaving import ORDER_WITHIN
from services.projects.model.project import AWARDED

SEALED_AT_ONCE = 200
CHOICE_PERIOD = timedelta(days=14)
"""The default when the choice period was introduced; the setting may have changed since."""


def end_open_choices(database: Documents) -> None:
    """Gives a deadline to projects whose window closed before there was one; without it they never end."""
    until = {"$add": ["$ended.at", CHOICE_PERIOD // timedelta(milliseconds=1)]}
    older = {"state": "choosing", "choose_until": None}
    change_each(database.projects, older, [{"$set": {"choose_until": until, "due_at": until}}])


def let_several_act_for_a_client(database: Documents) -> None:
    """Makes the account whose id an organisation used to have its owner, and the client of its projects."""
    owner = [{"account": "$_id", "role": "owner"}]
    change_each(database.organisations, {"members": None}, [{"$set": {"members": owner}}])
    shared = {"organisation": "$client", "clients": ["$client"]}
    change_each(database.projects, {"clients": None}, [{"$set": shared}])
    drop_index(database.projects, "client_1_created_at_1__id_1")


def remember_relaunches(database: Documents) -> None:
    """Records on each relaunched project the id of its relaunch; without it, it could be relaunched repeatedly."""
    again = database.projects.find({"relaunched_from": {"$ne": None}}, {"relaunched_from": 1}).sort("created_at", -1)
    for row in again:  # newest first: the first relaunch counts, so it is written last
        first = {"$set": {"relaunched_as": row["_id"]}}
        database.projects.update_one({"_id": row["relaunched_from"]}, first)


def publish_answered_questions(database: Documents) -> None:
    """Publishes answered questions as asked, as all mentors read them before, unless they name the client.

    Such a question was masked; from now on only its author and the client read it.
    """
    for row in database.questions.find({"answer": {"$ne": None}, "published": None}):
        project = database.projects.find_one({"_id": row["project_id"]}, {"organisation": 1})
        client = database.organisations.find_one({"_id": project["organisation"]}) if project else None
        if client and not find_leaks({"text": row["text"]}, _identity(client)):
            database.questions.update_one({"_id": row["_id"]}, {"$set": {"published": row["text"]}})


def _identity(row: Document) -> Identity:
    parts: Document = {name: row.get(name) for name in ("name", "siren", "aliases", "domains", "people", "products")}
    parts |= {f"contact_{name}": row["contact"].get(name) for name in ("name", "email", "phone")}
    return Identity(**parts)


def tell_members(database: Documents) -> None:
    """Names organisations stored before ``organisation.shared`` existed for events, and publishes their members."""
    work = UnitOfWork(database, "projects", CONTRACT)

    def publish(unit: Unit, organisation_id: str) -> None:
        row = unit.find("organisations", {"_id": organisation_id, "shared_id": None})
        if row:
            shared = {**row, "shared_id": new_id()}
            members = [member["account"] for member in row["members"]]
            unit.put("organisations", shared, [OrganisationShared(members=members)], subject=shared["shared_id"])

    for row in list(database.organisations.find({"shared_id": None}, {"_id": 1})):
        work.run(partial(publish, organisation_id=row["_id"]))


def seal_the_vault(database: Documents, keys: Keyring) -> None:
    """Seals the clients' identities, which were stored readable, each under a key of its own."""
    work = UnitOfWork(database, "projects", CONTRACT, keys=keys)
    readable = {"sealed": {"$exists": False}}

    def seal_some(unit: Unit, drawn: Mapping[str, DataKey]) -> None:
        rows = unit.collection("vault/clients")
        for row in list(rows.find({"_id": {"$in": list(drawn)}, **readable})):
            key, client = drawn[row["_id"]], {"organisation": row["organisation"], "contact": row["contact"]}
            sealed = seal(key.plain, client, keys.place("vault/clients", key.id, "client"))
            rows.replace_one({"_id": key.id}, {"_id": key.id, "sealed": sealed, "at": row["at"]})
            datakeys.keep(unit, key)

    vault = rows_of(database, "vault/clients")
    while ids := [row["_id"] for row in vault.find(readable, {"_id": 1}).limit(SEALED_AT_ONCE)]:
        drawn = {project: datakeys.draw(keys, project) for project in ids}
        work.run(partial(seal_some, drawn=drawn))


def give_up_lost_orders(database: Documents) -> None:
    """Frees the people of awards whose mentor left before the order was issued, and empties the vault of those gone.

    Until departures were decided here, such an order was "being issued" for ever.
    """
    work = UnitOfWork(database, "projects", CONTRACT)

    def give_up(unit: Unit, project_id: str) -> None:
        row = unit.find("projects", {"_id": project_id, "order_lost": {"$ne": True}})
        if row is None or row["awarded_at"] > unit.now - ORDER_WITHIN or unit.find("orders", {"_id": project_id}):
            return
        unit.collection("projects").update_one({"_id": project_id}, {"$set": {"order_lost": True}})
        if row.get("abandoned"):
            unit.collection("vault/clients").delete_one({"_id": project_id})
            datakeys.destroy(unit, project_id)

    ordered = {row["_id"] for row in database.orders.find({}, {"_id": 1})}
    awarded = {"state": {"$in": AWARDED}, "awarded_at": {"$ne": None}}
    for row in list(database.projects.find(awarded, {"_id": 1})):
        if row["_id"] not in ordered:
            work.run(partial(give_up, project_id=row["_id"]))


def count_by_sector_shown(database: Documents) -> None:
    """Stores which sector mentors read of each organisation, by which previews count."""
    for row in list(database.organisations.find({"sector_shown": None}, {"sector": 1, "sector_id": 1})):
        sector = row.get("sector")
        unchanged = {"_id": row["_id"], "sector": sector, "sector_shown": None}
        shown = {"$set": {"sector_shown": row.get("sector_id") or find_sector(sector or "")}}
        database.organisations.update_one(unchanged, shown)


MIGRATIONS = (
    Migration(1, "end_open_choices", end_open_choices),
    Migration(2, "let_several_act_for_a_client", let_several_act_for_a_client),
    Migration(3, "remember_relaunches", remember_relaunches),
    Migration(4, "publish_answered_questions", publish_answered_questions),
    Migration(5, "tell_members", tell_members),
    Migration(6, "keep_apart", keep_apart(vault="clients")),
    Migration(7, "seal_the_vault", seal=seal_the_vault),
    Migration(8, "give_up_lost_orders", give_up_lost_orders),
    Migration(9, "count_by_sector_shown", count_by_sector_shown),
    Migration(10, "drop_replaced_indexes", drop_replaced_indexes(reports=["account_1"])),
)
