"""Leaving as projects and quotes see it: who is bound, who wins, and what becomes of an award to nobody."""

from datetime import timedelta
from typing import Any

import pytest

from chassis.events import Event
from chassis.facts import Refusal
from chassis.http.auth import Actor
from chassis.ids import new_id
from chassis.mongo import Documents
from chassis.places import rows_of
from chassis.unit import Unit
from services.projects.commands.choice import accept_quote
from services.projects.handlers import answer_departure
from services.projects.migrations import give_up_lost_orders
from services.projects.store.vault import CLIENTS
from tests.kit.answers import body, problem
from tests.kit.examples import ACCEPTED, card
from tests.kit.projects import Projects
from tests.kit.services import internally

MENTORS = ("a", "b")


class Leaving(Projects):
    """A project whose client chooses between the quotes of two mentors."""

    def __init__(self, database: Documents) -> None:
        super().__init__(database)
        self.closed(self.id)

    def closed(self, project_id: str) -> None:
        quotes = [{"quote_id": f"q-{who}", **card(who)} for who in MENTORS]
        closed = {"reason": "deadline", "closed_at": self.now, "quotes": quotes, "digests": []}
        self.hear("window.closed", project_id, **closed)

    def accept(self, quote_id: str = "q-a", who: str = "client") -> Any:
        return self.call(who, "POST", f"/api/projects/{self.id}/acceptance", {"quote_id": quote_id})

    def order(self, who: str = "a") -> None:
        of = {"quote_id": f"q-{who}", **card(who), "received_at": self.now}
        self.hear("quote.accepted", self.id, **ACCEPTED, **of)

    def complete(self) -> None:
        review = {"rating": 5, "comment": "Merci"}
        assert self.call("client", "POST", f"/api/projects/{self.id}/completion", review).status_code == 200

    def asks(self, account: str) -> str:
        """The answer to this account's departure."""
        departure = new_id()
        self.hear("departure.asked", account, departure=departure)
        (row,) = self.outbox(departure)
        assert row["payload"] == {"account": account}
        return str(row["name"]).removeprefix("departure.")

    def bound(self, account: str) -> bool:
        """What accounts is told."""
        path = f"/internal/commitments/{account}"
        answer = self.app.test_client().get(path, headers=internally("accounts", "projects"))
        assert answer.status_code == 200
        return bool(body(answer)["bound"])

    def row(self) -> dict[str, Any]:
        return dict(self.database.projects.find_one({"_id": self.id}) or {})

    def vaulted(self) -> int:
        """The number of clients' identities in the vault."""
        return rows_of(self.database, CLIENTS).count_documents({})

    def done(self, account: str) -> bool:
        return bool(self.payloads(account, "erasure.done"))


@pytest.fixture
def projects(database: Documents) -> Leaving:
    return Leaving(database)


def join(projects: Leaving, *accounts: str) -> None:
    members = {"members": {"$each": [{"account": account, "role": "member"} for account in accounts]}}
    projects.database.organisations.update_one({}, {"$push": members, "$inc": {"version": 1}})
    projects.database.projects.update_many({}, {"$push": {"clients": {"$each": list(accounts)}}})


def test_only_accounts_may_ask_who_is_bound(projects: Leaving) -> None:
    client = projects.app.test_client()
    for headers in ({}, {"X-Releve-Internal": "guess"}, projects.signer.header("client", "client")):
        assert problem(client.get("/internal/commitments/client", headers=headers)) == (403, "forbidden")


def test_award_binds_both_sides_until_completed_and_ordered(projects: Leaving) -> None:
    for account in ("client", "a", "b", "nobody"):
        assert not projects.bound(account)
    projects.accept()
    assert [projects.bound(account) for account in ("client", "a", "b")] == [True, True, False]
    projects.complete()
    assert [projects.bound(account) for account in ("client", "a")] == [True, True], "the order is pending"
    projects.order()
    assert [projects.bound(account) for account in ("client", "a")] == [False, False], "a review is no commitment"


def test_departure_is_refused_while_an_award_binds(projects: Leaving) -> None:
    projects.accept()
    projects.order()
    assert [projects.asks(account) for account in ("client", "a", "b")] == ["refused", "refused", "granted"]
    assert projects.call("a", "GET", f"/api/projects/{projects.id}").status_code == 200
    projects.complete()
    assert [projects.asks(account) for account in ("a", "client")] == ["granted", "granted"]
    assert projects.asks("client") == "granted", "asking again gets the same answer"


def test_quote_of_a_departed_mentor_is_refused_by_name(projects: Leaving) -> None:
    assert projects.asks("a") == "granted"
    for _ in range(2):
        assert problem(projects.accept("q-a")) == (409, "mentor-left")
        projects.hear("account.erased", "a", role="mentor")
    assert problem(projects.accept("q-other")) == (422, "unknown-quote")
    assert projects.payloads(projects.id, "project.reopened") == []
    assert projects.accept("q-b").status_code == 200


def test_quote_that_arrives_after_its_mentor_left_is_refused_by_name(projects: Leaving) -> None:
    assert projects.asks("a") == "granted"
    projects.id = projects.post()
    projects.closed(projects.id)
    assert [quote["account"] for quote in projects.row()["received"]] == ["b"]
    assert problem(projects.accept("q-a")) == (409, "mentor-left")
    assert projects.accept("q-b").status_code == 200


def test_client_hears_how_many_quotes_remain_at_the_windows_end(projects: Leaving) -> None:
    for who, quotes in (("a", 1), ("b", 0)):
        assert projects.asks(who) == "granted"
        project_id = projects.post()
        projects.closed(project_id)
        projects.hear("account.erased", who, role="mentor")
        (reopened,) = projects.payloads(project_id, "project.reopened")
        assert (reopened["account"], reopened["quotes"]) == (who, quotes)
    project = body(projects.call("client", "GET", f"/api/projects/{project_id}"))
    assert (project["state"], reopened["choose_until"]) == ("unfilled", None)


def test_granted_client_can_do_nothing_any_more(projects: Leaving) -> None:
    assert projects.asks("client") == "granted"
    assert problem(projects.accept()) == (401, "unauthenticated")
    assert projects.row()["state"] == "choosing", "nothing is erased before accounts says so"


def test_last_quote_leaving_ends_the_choice(projects: Leaving) -> None:
    projects.hear("account.erased", "a", role="mentor")
    assert projects.row()["state"] == "choosing"
    projects.hear("account.erased", "b", role="mentor")
    assert (projects.row()["state"], projects.row()["choose_until"]) == ("unfilled", None)
    (reopened,) = projects.payloads(projects.id, "project.reopened")
    assert reopened == {"account": "b", "quotes": 0, "choose_until": None}
    assert projects.call("client", "POST", f"/api/projects/{projects.id}/relaunch").status_code == 201


def test_colleagues_keep_an_award_and_the_last_one_is_bound(projects: Leaving) -> None:
    join(projects, "client-2", "client-3")
    projects.accept()
    assert not projects.bound("client")
    assert projects.asks("client") == "granted"
    (organisation,) = projects.database.organisations.find()
    assert organisation["members"][0] == {"account": "client-2", "role": "owner", "display_name": ""}, "handed over"
    assert projects.asks("client-2") == "granted"
    assert projects.bound("client-3")
    assert projects.asks("client-3") == "refused"
    projects.hear("account.erased", "client", role="client")
    assert projects.done("client")
    assert projects.row()["state"] == "awarded"


def test_somebody_removed_from_the_organisation_awards_nothing(projects: Leaving) -> None:
    join(projects, "client-2")
    removed = projects.call("client", "DELETE", "/api/organisations/me/members/client-2")
    assert removed.status_code == 204
    assert "client-2" in projects.row()["clients"], "the projects are updated later"
    assert problem(projects.accept(who="client-2")) == (404, "not-found")
    assert projects.row()["state"] == "choosing"


def test_acceptance_by_a_colleague_removed_meanwhile_binds_nobody_who_left(projects: Leaving) -> None:
    join(projects, "client-2")
    tries: list[Unit] = []

    def accept(unit: Unit) -> None:
        unit.find("organisations", {})  # this transaction's snapshot is from before the removal
        tries.append(unit)
        if len(tries) == 1:
            assert projects.call("client", "DELETE", "/api/organisations/me/members/client-2").status_code == 204
            assert projects.asks("client") == "granted"
        accept_quote(unit, Actor("client-2", "client", ""), projects.id, "q-a")

    with pytest.raises(Refusal) as refused:
        projects.work.run(accept)
    assert (len(tries), refused.value.name) == (2, "not-found")
    assert projects.row()["state"] == "choosing"


def test_nobody_joins_an_organisation_whose_last_member_leaves(projects: Leaving) -> None:
    path = "/api/organisations/me/invitations"
    token = body(projects.call("client", "POST", path, {"role": "owner"}))["token"]
    tries: list[Unit] = []

    def leave(unit: Unit) -> None:
        unit.find("organisations", {})
        tries.append(unit)
        if len(tries) == 1:
            spare = body(projects.call("client", "POST", path, {"role": "member"}))["token"]
            assert projects.call("client-2", "POST", f"/api/organisations/invitations/{spare}").status_code == 200
        asked = Event(new_id(), "departure.asked", "client", 1, projects.now, {"departure": "d"})
        answer_departure(asked, unit, projects.config)

    projects.work.run(leave)
    assert len(tries) == 2, "joining and leaving come one after the other"
    (organisation,) = projects.database.organisations.find()
    assert [member["account"] for member in organisation["members"]] == ["client-2"]
    assert projects.asks("client-2") == "granted"
    late = projects.call("client-3", "POST", f"/api/organisations/invitations/{token}")
    assert problem(late) == (404, "not-found")


def test_two_colleagues_cannot_leave_an_award_to_nobody(projects: Leaving) -> None:
    join(projects, "client-2")
    projects.accept()
    tries: list[Unit] = []

    def leave(unit: Unit) -> None:
        unit.find("organisations", {})  # this transaction's snapshot is from before the other departure
        tries.append(unit)
        if len(tries) == 1:
            assert projects.asks("client-2") == "granted"
        asked = Event(new_id(), "departure.asked", "client", 1, projects.now, {"departure": "d"})
        answer_departure(asked, unit, projects.config)

    projects.work.run(leave)
    assert len(tries) == 2
    assert [row["name"] for row in projects.outbox("d")] == ["departure.refused"]


@pytest.mark.parametrize("account", ["a", "client"])
def test_departure_sees_an_acceptance_that_commits_meanwhile(projects: Leaving, account: str) -> None:
    tries: list[Unit] = []

    def leave(unit: Unit) -> None:
        unit.find("projects", {"_id": projects.id})
        tries.append(unit)
        if len(tries) == 1:
            assert projects.accept().status_code == 200
        asked = Event(new_id(), "departure.asked", account, 1, projects.now, {"departure": "d"})
        answer_departure(asked, unit, projects.config)

    projects.work.run(leave)
    assert len(tries) == 2
    assert [row["name"] for row in projects.outbox("d")] == ["departure.refused"]


# An award to somebody who has left.


def test_award_without_a_quote_reopens_the_choice(projects: Leaving) -> None:
    projects.accept()
    first = projects.row()["choose_until"]
    projects.hear("quote.missing", projects.id, quote_id="q-other")
    assert projects.row()["state"] == "awarded", "the news of another quote"
    projects.hear("quote.missing", projects.id, quote_id="q-a")
    row = projects.row()
    assert (row["state"], row["quote_id"], row["chosen"]) == ("choosing", None, None)
    assert row["due_at"] == row["choose_until"]
    assert row["choose_until"] >= first
    (reopened,) = projects.payloads(projects.id, "project.reopened")
    assert (reopened["account"], reopened["quotes"]) == ("a", 1)
    assert not projects.bound("client")
    assert projects.call("a", "GET", f"/api/projects/{projects.id}").status_code == 404
    assert problem(projects.call("client", "GET", f"/api/projects/{projects.id}/order")) == (404, "not-found")
    assert problem(projects.accept("q-a")) == (409, "mentor-left")
    assert projects.accept("q-b").status_code == 200
    projects.order("b")
    assert projects.call("b", "GET", f"/api/projects/{projects.id}/order").status_code == 200


def test_award_without_any_quote_left_can_be_relaunched(projects: Leaving) -> None:
    projects.hear("account.erased", "b", role="mentor")
    projects.accept()
    projects.hear("quote.missing", projects.id, quote_id="q-a")
    assert projects.row()["state"] == "unfilled"
    assert projects.payloads(projects.id, "project.reopened")[0]["choose_until"] is None
    assert projects.call("client", "POST", f"/api/projects/{projects.id}/relaunch").status_code == 201


def test_completed_award_without_a_quote_has_no_order(projects: Leaving) -> None:
    projects.accept()
    projects.complete()
    path = f"/api/projects/{projects.id}/order"
    assert projects.call("client", "GET", path).status_code == 503
    projects.hear("quote.missing", projects.id, quote_id="q-a")
    assert problem(projects.call("client", "GET", path)) == (404, "not-found")
    assert projects.row()["state"] == "completed"
    assert not projects.bound("client")


def test_late_news_of_a_missing_quote_changes_no_ordered_award(projects: Leaving) -> None:
    projects.accept()
    projects.order()
    projects.hear("quote.missing", projects.id, quote_id="q-a")
    assert projects.row()["state"] == "awarded"


# Receipts.


def test_erasure_is_confirmed_once_the_order_is_issued(projects: Leaving) -> None:
    projects.accept()
    projects.hear("account.erased", "client", role="client")
    assert projects.vaulted() == 1
    assert not projects.done("client")
    projects.order()
    assert projects.done("client")
    assert projects.vaulted() == projects.database.held_erasures.count_documents({}) == 0


def test_erasure_is_confirmed_once_the_quote_is_missing(projects: Leaving) -> None:
    projects.accept()
    projects.hear("account.erased", "client", role="client")
    projects.hear("quote.missing", projects.id, quote_id="q-a")
    assert projects.done("client")
    assert projects.vaulted() == 0
    assert not projects.bound("a")


def test_erasure_waits_for_every_order_and_not_for_ever(projects: Leaving) -> None:
    projects.accept()
    first, projects.id = projects.id, projects.post()
    projects.closed(projects.id)
    projects.accept()
    projects.hear("account.erased", "client", role="client")
    projects.order()
    assert not projects.done("client"), "the other order is pending"
    projects.fire("client", "held_erasures")
    assert not projects.done("client"), "before its time"
    row = projects.database.held_erasures.find_one() or {}
    assert (row["projects"], row["due_at"] > projects.now + timedelta(days=6)) == ([first], True)
    projects.database.held_erasures.update_one({}, {"$set": {"due_at": projects.now}})
    projects.fire("client", "held_erasures")
    assert projects.done("client")
    assert projects.vaulted() == 0
    assert projects.call("a", "GET", f"/api/projects/{first}/order").status_code == 404


def test_orders_lost_before_departures_were_decided_here_are_given_up(projects: Leaving) -> None:
    projects.accept()
    lost, month = projects.id, timedelta(days=30)
    others = {}
    for name in ("recent", "ordered", "abandoned"):
        projects.id = others[name] = projects.post()
        projects.closed(projects.id)
        projects.accept()
        if name == "ordered":
            projects.order()
    rows = projects.database.projects
    earlier = {"$subtract": ["$awarded_at", month // timedelta(milliseconds=1)]}
    rows.update_many({"_id": {"$ne": others["recent"]}}, [{"$set": {"awarded_at": earlier}}])
    rows.update_one({"_id": others["abandoned"]}, {"$set": {"abandoned": True, "state": "completed"}})
    rows.update_many({}, {"$unset": {"order_lost": ""}})
    for _ in range(2):
        give_up_lost_orders(projects.database)
    assert {row["_id"] for row in rows.find({"order_lost": True})} == {lost, others["abandoned"]}
    assert problem(projects.call("client", "GET", f"/api/projects/{lost}/order")) == (404, "not-found")
    assert projects.vaulted() == 3, "nobody is left who needs the name of the abandoned one"
