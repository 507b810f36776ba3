"""Every route for operators leaves a row in its service's audit trail, also one that is added later."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from chassis.http.proofs import Proofs
from chassis.ids import new_id
from chassis.mongo import connect
from chassis.places import TRAIL, rows_of
from contracts.parts import DATABASES, OPERATIONS
from deploy.gateway import documents
from services.accounts import store
from services.accounts.clients.hashing import Passwords
from services.accounts.model import Account, Session, awaited
from services.accounts.model.factors import STEP_S, code
from services.accounts.store import FACTORS
from tests.kit.accounts import Accounts
from tests.kit.answers import body, problem
from tests.kit.databases import drop
from tests.kit.examples import ORGANISATION, PASSWORD, PROFILE, PROJECT, REGISTRATION, card, posted_data
from tests.kit.services import Running

PATHS = json.loads((documents.built() / "openapi.json").read_text())["paths"]
ROUTES = {
    f"{method} {path}": operation["tags"][0]
    for path, item in PATHS.items()
    if path.startswith(OPERATIONS)
    for method, operation in item.items()
}
"""The routes for operators, read off the API's document, each with its service."""
LISTS = {place for place in ROUTES if place.startswith("get ") and "{" not in place}
REQUEST = "9f1c2f6e-6f0b-4c55-8f7e-0f9d6a1b2c3d"
SECRET = b"12345678901234567890"
HASHED = Passwords(1, 8).hash(PASSWORD)
Rows = list[dict[str, Any]]


class World:
    """Each service over a database of its own, with people whom its lists show."""

    def __init__(self, mongo_uri: str) -> None:
        self.databases = {name: connect(mongo_uri, f"test_{new_id()}", app="test") for name in DATABASES}
        self.services = {
            name: Running(name, database) for name, database in self.databases.items() if name != "accounts"
        }
        accounts = self.services["accounts"] = Accounts(self.databases["accounts"])
        self.thomas = str(body(accounts.post("/api/accounts", REGISTRATION))["id"])
        projects, notify = self.services["projects"], self.services["notify"]
        others = projects.app.extensions["releve_revoked"]  # accounts itself admits only sessions that it stores
        accounts.app.extensions |= {"releve_keys": accounts.signer, "releve_revoked": others}
        projects.call("client-c", "PUT", "/api/organisations/me", ORGANISATION)
        self.project = str(body(projects.call("client-c", "POST", "/api/projects", PROJECT))["id"])
        projects.hear("mentors.invited", self.project, wave=1, mentors=[card("mentor-a")])
        self.report("client-c")
        self.report("mentor-a")
        failed = {"kind": "chosen", "channel": "email", "notification_id": "n", "project_id": "p", "tries": 16}
        failed |= {"news_at": notify.now, "created_at": notify.now, "state": "dead", "reason": "exhausted"}
        notify.database.deliveries.insert_one({"_id": "dead", "account": "mentor-b", **failed})
        self.people = {self.thomas, "client-c", "mentor-a", "mentor-b"}

    def report(self, who: str) -> str:
        path = f"/api/projects/{self.project}/reports"
        return str(body(self.services["projects"].call(who, "POST", path, {"reason": "Insultant."}))["id"])

    def trail(self, service: str) -> Rows:
        """A service's rows, oldest first."""
        return list(rows_of(self.databases[service], TRAIL).find().sort([("at", 1), ("_id", 1)]))

    def drive(self, place: str, sent: Any = None, path: str = "", who: str = "operator") -> tuple[str, Rows]:
        """Calls a route as an operator; returns its answer and the rows that this added."""
        method, template = place.split(" ")
        service = ROUTES[place]
        before = len(self.trail(service))
        answer = self.services[service].send(who, method.upper(), path or template, sent, X_Request_Id=REQUEST)
        assert answer.status_code < 300, f"{place}: {answer.text}"
        return answer.text, self.trail(service)[before:]


@pytest.fixture(scope="module")
def world(mongo_uri: str) -> Iterator[World]:
    world = World(mongo_uri)
    yield world
    for database in world.databases.values():
        drop(database)
        database.client.close()


def suspension(world: World) -> str:
    return f"/api/operations/accounts/{world.thomas}/suspension"


FACTOR = "/api/operations/factor"


def enrolled(world: World, *, confirmed: bool = True, account: str = "operator") -> Any:
    """An operator with this id, with a second factor in this state; returns the body that gives a right code."""
    database, now = world.databases["accounts"], world.services["accounts"].now
    for rows in (database.accounts, database.sessions, rows_of(database, FACTORS)):
        rows.delete_many({"$or": [{"_id": {"$in": [account, "s"]}}, {"role": "operator"}]})
    email = f"{account}@example.com"
    known = Account(account, email, email, HASHED, "operator", "Olga", "fr", now)
    session = Session("s", account, now, now, now + timedelta(days=1))
    factor = awaited(account, now).begin(SECRET, ())

    def put(unit: Any) -> None:
        store.save_account(unit, known)
        store.save_session(unit, session)
        store.save_factor(unit, factor.confirm(now) if confirmed else factor)

    world.services["accounts"].work.run(put)
    return {"code": code(SECRET, int(now.timestamp()) // STEP_S)}


def hired(world: World) -> Any:
    enrolled(world, confirmed=False)
    return {"password": PASSWORD}


def lost(world: World) -> tuple[str, Any]:
    enrolled(world, account="olga")
    return "/api/operations/accounts/olga/factor", {"reason": "Perdu"}


def letter(place: str) -> Callable[[World], tuple[str, Any]]:
    """A dead letter about Thomas that waits in the route's service."""

    def prepare(world: World) -> tuple[str, Any]:
        service = ROUTES[place]
        row: dict[str, Any] = {"state": "waits", "type": "releve.account.suspended.v1", "event_id": "e"}
        row |= {"subject": world.thomas, "topic": "releve.accounts.v1", "partition": 0, "offset": 1, "attempts": 5}
        world.databases[service].letters.replace_one(
            {"_id": "0:1"}, row | {"reason": "", "trace_id": "", "at": world.services[service].now}, upsert=True
        )
        sent = None if place.startswith("get") else {"reason": "Le défaut est corrigé."}
        return place.split(" ")[1].replace("{letter_id}", "0:1"), sent

    return prepare


def matched(world: World) -> str:
    """A project in matching, to which mentor-a is invited."""
    matching, project = world.services["matching"], new_id()
    matching.call("mentor-a", "PUT", "/api/mentors/me", PROFILE | {"weekly_invitations": 50})
    known = {name: PROJECT[name] for name in ("title", "brief", "topics", "languages")}
    matching.hear("project.posted", project, **posted_data("client-c", posted_at=matching.now, **known))
    return project


def overridden(world: World, deed: str) -> tuple[str, Any]:
    """A round to which a mentor is not invited who came after it was posted."""
    matching, account = world.services["matching"], f"latecomer-{new_id()}"
    path = f"/api/operations/matching/rounds/{matched(world)}/{deed}"
    matching.call(account, "PUT", "/api/mentors/me", PROFILE)
    world.people.add(account)
    return path, {"account": account, "reason": "Ce logiciel précis."}


PREPARED: dict[str, Callable[[World], tuple[str, Any]]] = {
    "post /api/operations/accounts/{account_id}/suspension": lambda world: (suspension(world), {"reason": "Faux"}),
    "delete /api/operations/accounts/{account_id}/suspension": lambda world: (suspension(world), {"reason": "Vrai"}),
    "get /api/operations/reports/{report_id}": lambda world: (
        f"/api/operations/reports/{world.report('mentor-a')}", None,
    ),
    "get /api/operations/projects/{project_id}": lambda world: (
        f"/api/operations/projects/{world.project}", None,
    ),
    "get /api/operations/matching/decisions/{project_id}": lambda world: (
        f"/api/operations/matching/decisions/{matched(world)}", None,
    ),
    "post /api/operations/matching/rounds/{project_id}/invitations": lambda world: overridden(world, "invitations"),
    "post /api/operations/matching/rounds/{project_id}/left-out": lambda world: overridden(world, "left-out"),
    "post /api/operations/reports/{report_id}/resolution": lambda world: (
        f"/api/operations/reports/{world.report('mentor-a')}/resolution", {"action": "dismissed", "note": "Vu."},
    ),
    f"post {FACTOR}": lambda world: (FACTOR, hired(world)),
    f"delete {FACTOR}": lambda world: (FACTOR, enrolled(world)),
    f"post {FACTOR}/confirmation": lambda world: (f"{FACTOR}/confirmation", enrolled(world, confirmed=False)),
    f"post {FACTOR}/recovery-codes": lambda world: (f"{FACTOR}/recovery-codes", enrolled(world)),
    "delete /api/operations/accounts/{account_id}/factor": lost,
    **{place: letter(place) for place in ROUTES if "/{letter_id}" in place},
}  # fmt: skip
"""Path and body for each route with an id or a body. A new one belongs here, or it is not tested."""


@pytest.mark.parametrize("place", ROUTES)
def test_route_for_operators_leaves_rows_with_who_whom_and_request(world: World, place: str) -> None:
    path, sent = PREPARED[place](world) if place not in LISTS else ("", None)
    answer, rows = world.drive(place, sent, path)
    assert rows, f"{place} leaves no row: call audit.record or audit.record_reading"
    assert {(row["who"], row["request"]) for row in rows} == {("operator", REQUEST)}
    shown = {person for person in world.people if person in answer + path}
    if not place.endswith("/audit"):  # a page of the trail is one row: it shows ids of people, and nothing of theirs
        assert shown <= {row["whom"] for row in rows}, "each person whom the answer shows has a row"
    if sent and any(row["whom"] != row["who"] for row in rows):
        assert [row["reason"] for row in rows if row["reason"]], "an action has its reason"


@pytest.mark.parametrize("place", ROUTES)
def test_route_for_operators_demands_a_second_factor_and_a_deed_a_recent_code(world: World, place: str) -> None:
    method, template = place.split(" ")
    running, before = world.services[ROUTES[place]], len(world.trail(ROUTES[place]))
    kept = running.app.extensions["releve_proofs"]
    running.app.extensions["releve_proofs"] = Proofs(True, 300)

    def answer(**claims: Any) -> str:
        token = running.signer.header("operator", **claims)
        got = running.app.test_client().open(template, method=method.upper(), json={}, headers=token)
        return str((got.json or {}).get("type", "")).rpartition(":")[2] if got.status_code == 403 else ""

    long_ago = time.time() - 301
    try:
        got = [answer(amr=["pwd"]), answer(amr=None)]
        unread = len(world.trail(ROUTES[place])) == before or template.startswith(FACTOR)
        got.append(answer(amr=["pwd", "otp", "mfa"], auth_time=long_ago))
    finally:
        running.app.extensions["releve_proofs"] = kept
    if template.startswith(FACTOR):
        assert got == ["", "", ""], "who has none yet must be able to enrol"
        return
    assert got == ["second-factor-required"] * 2 + ["" if method == "get" else "step-up-required"]
    assert unread, "a refused request reads nothing"


@pytest.mark.parametrize("service", DATABASES)
def test_trail_of_each_service_is_read_by_person_and_reading_it_is_in_it(world: World, service: str) -> None:
    place = next(one for one in LISTS if one.endswith("/audit") and ROUTES[one] == service)
    path = place.removeprefix("get ")
    for who in ("operator-a", "operator-b", "operator-a"):
        world.drive(place, path=f"{path}?whom=somebody", who=who)
    found = json.loads(world.drive(place, path=f"{path}?whom=somebody")[0])["items"]
    assert [(row["who"], row["what"], row["whom"]) for row in found[:3]] == [
        (who, "audit.read", "somebody") for who in ("operator-a", "operator-b", "operator-a")
    ]
    found = json.loads(world.drive(place, path=f"{path}?who=operator-b&limit=1")[0])["items"]
    assert [row["who"] for row in found] == ["operator-b"]
    for who, expected in (("client-c", (403, "forbidden")), ("mentor-a", (403, "forbidden"))):
        assert problem(world.services[service].call(who, "GET", path)) == expected


def test_rows_hold_ids_and_reasons_only(world: World) -> None:
    fields = {"_id", "who", "what", "whom", "at", "reason", "request"}
    for service in DATABASES:
        assert {frozenset(row) for row in world.trail(service)} <= {frozenset(fields)}
    assert "example.org" not in str([world.trail(service) for service in DATABASES])


def test_untold_request_id_is_empty_and_a_strange_one_is_not_kept(world: World) -> None:
    quotes = world.services["quotes"]
    for headers in ({}, {"X_Request_Id": "x" * 65}, {"X_Request_Id": "a b"}):
        quotes.call("operator-c", "GET", "/api/operations/rounds", **headers)
    assert [row["request"] for row in world.trail("quotes") if row["who"] == "operator-c"] == [""] * 3


def test_rows_from_before_requests_were_kept_are_readable(world: World) -> None:
    quotes = world.services["quotes"]
    older = {"_id": "older", "who": "o", "what": "w", "whom": "older", "at": quotes.now - timedelta(1), "reason": ""}
    rows_of(quotes.database, TRAIL).insert_one(older)
    (row,) = quotes.get("operator", "/api/operations/quotes/audit?whom=older")["items"]
    assert (row["id"], row["request"]) == ("older", "")
    rows_of(quotes.database, TRAIL).delete_one({"_id": "older"})
