"""Orders on a real MongoDB: numbered without a gap, issued once, complete, and readable only by the two sides."""

import io
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from babel.dates import format_date
from pypdf import PdfReader

from chassis.events import Event
from chassis.ids import new_id
from chassis.mongo import Documents
from chassis.unit import Unit
from contracts.events import CONTRACT
from services.projects.model.orders import issue
from services.quotes import store as quotes_store
from services.quotes.model import Quote, Receipt, Round, Terms
from tests.kit.answers import body, problem
from tests.kit.examples import ACCEPTED, PROJECT, card
from tests.kit.market import seat
from tests.kit.projects import Projects
from tests.kit.services import Running

ADDRESS = {"street": "12, allée de l'Église", "postal_code": "59000", "city": "Lille", "country": "FR"}
MENTOR = {"legal_name": "Thomas Łukasiewicz", "address": ADDRESS, "siren": "912345678", "vat_number": "FR32912345678"}
STANDARD = MENTOR | {"vat_regime": "standard"}
CLIENT = {"legal_name": "NW Marketing & Distribution SAS", "address": ADDRESS, "purchase_order": "PO-2026-871"}
STARTS_ON = date.fromisoformat(ACCEPTED["starts_on"])


class Orders(Projects):
    """The service with a client and its projects; the test sets the time and applies other services' events."""

    def award(self, mentor: str = "thomas", client: str = "client") -> str:
        """Posts a project and accepts this mentor's quote; returns the project's id."""
        project_id = str(body(self.call(client, "POST", "/api/projects", PROJECT))["id"])
        quotes = [{"quote_id": f"{project_id}-{who}", **card(who)} for who in (mentor, "other")]
        self.hear("window.closed", project_id, 9, reason="full", closed_at=self.now, quotes=quotes, digests=[])
        choice = {"quote_id": f"{project_id}-{mentor}"}
        answer = self.call(client, "POST", f"/api/projects/{project_id}/acceptance", choice)
        assert answer.status_code == 200, answer.text
        return project_id

    def terms(self, project_id: str, mentor: str = "thomas") -> dict[str, Any]:
        return {
            **ACCEPTED,
            **card(mentor),
            "quote_id": f"{project_id}-{mentor}",
            "received_at": self.now,
        }

    def issue(self, project_id: str, mentor: str = "thomas") -> Event:
        return self.hear("quote.accepted", project_id, 9, **self.terms(project_id, mentor))

    def give(self, who: str, details: dict[str, Any], **headers: str) -> Any:
        return self.call(who, "PUT", "/api/projects/billing/me", details, **headers)

    def order(self, who: str, project_id: str, **headers: str) -> Any:
        return self.call(who, "GET", f"/api/projects/{project_id}/order", None, **headers)

    def paper(self, who: str, project_id: str, language: str) -> Any:
        return self.call(who, "GET", f"/api/projects/{project_id}/order.pdf", None, **{"Accept-Language": language})

    def numbers(self) -> list[int]:
        return sorted(row["number"] for row in self.database.orders.find())


@pytest.fixture
def orders(database: Documents) -> Orders:
    return Orders(database)


def text_of(answer: Any) -> str:
    assert answer.status_code == 200, answer.text
    pages = PdfReader(io.BytesIO(answer.data)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


# Numbers.


def test_twenty_concurrent_awards_are_numbered_one_to_twenty_despite_redelivery(orders: Orders) -> None:
    mentors = ["thomas", "ines"]
    awarded = [(orders.award(mentors[place % 2]), mentors[place % 2]) for place in range(20)]
    events = [orders.event("quote.accepted", one, 9, **orders.terms(one, who)) for one, who in awarded]
    start = threading.Barrier(len(events) + 1)

    def apply(event: Event) -> bool:
        start.wait(30)
        return orders.inbox.apply(event)

    with ThreadPoolExecutor(len(events) + 1) as pool:
        applied = [pool.submit(apply, event) for event in events]
        start.wait(30)
        given = [orders.give("client", CLIENT), orders.give("thomas", STANDARD)]
    assert all(future.result() for future in applied)
    assert [answer.status_code for answer in given] == [200, 200]
    assert orders.numbers() == list(range(1, 21))
    kept = list(orders.database.orders.find().sort("_id"))
    assert all(row["client"]["billing"] == CLIENT for row in kept), "details given before the issue are in every order"
    assert sum(row["mentor"]["billing"] is not None for row in kept) == 10

    for event in events:
        assert not orders.inbox.apply(event)
        assert orders.inbox.apply(Event(new_id(), event.name, event.subject, 10, event.time, event.data))
    assert list(orders.database.orders.find().sort("_id")) == kept
    again = orders.award()
    orders.issue(again)
    assert orders.numbers() == list(range(1, 22))


def test_each_client_has_its_own_numbers(orders: Orders) -> None:
    orders.issue(orders.award())
    described = body(orders.call("client", "GET", "/api/organisations/me"))
    del described["verified"]
    assert orders.call("client-2", "PUT", "/api/organisations/me", described).status_code == 200
    orders.issue(orders.award(client="client-2"))
    orders.issue(orders.award())
    assert orders.numbers() == [1, 1, 2]


def test_order_that_cannot_be_stored_consumes_no_number(orders: Orders, monkeypatch: pytest.MonkeyPatch) -> None:
    project_id = orders.award()
    with monkeypatch.context() as patch:
        unstorable: dict[Any, Any] = {1: 2}
        patch.setattr("services.projects.handlers.orders.issue", lambda *news: replace(issue(*news), price=unstorable))
        with pytest.raises(Exception, match="documents must have only string keys"):
            orders.issue(project_id)
    assert orders.database.billing.count_documents({}) == 0
    orders.issue(project_id)
    assert orders.numbers() == [1]


def test_event_of_another_quote_or_unknown_project_issues_no_order(orders: Orders) -> None:
    project_id = orders.award()
    orders.hear("quote.accepted", project_id, 9, **orders.terms(project_id, "other"))
    orders.hear("quote.accepted", "nowhere", 9, **orders.terms("nowhere"))
    assert orders.numbers() == []


# Who may read an order, and when.


def test_client_and_chosen_mentor_read_the_order_and_others_cannot(orders: Orders) -> None:
    project_id = orders.award()
    orders.issue(project_id)
    mine, theirs = (orders.order(who, project_id) for who in ("client", "thomas"))
    assert mine.status_code == theirs.status_code == 200
    assert mine.json == theirs.json
    for who in ("other", "stranger", "client-elsewhere"):
        for kind in ("order", "order.pdf"):
            answer = orders.call(who, "GET", f"/api/projects/{project_id}/{kind}")
            assert problem(answer) == (404, "not-found")
    assert "account" not in str(theirs.json)


def test_unissued_order_is_not_found_before_the_award_and_retryable_after(orders: Orders) -> None:
    assert problem(orders.order("client", orders.id)) == (404, "not-found")
    project_id = orders.award()
    for who in ("client", "thomas"):
        answer = orders.order(who, project_id)
        assert (problem(answer), answer.headers["Retry-After"]) == ((503, "unavailable"), "1")
    assert problem(orders.order("other", project_id)) == (404, "not-found")


def test_project_awarded_before_orders_existed_has_none(orders: Orders) -> None:
    project_id = orders.award()
    orders.database.projects.update_one({"_id": project_id}, {"$unset": {"awarded_at": ""}})
    assert problem(orders.order("client", project_id)) == (404, "not-found")


# Contents.


def test_json_holds_the_facts_in_the_readers_language(orders: Orders) -> None:
    orders.give("client", CLIENT)
    orders.give("thomas", STANDARD)
    project_id = orders.award()
    orders.issue(project_id)
    answer = orders.order("thomas", project_id, **{"Accept-Language": "en-GB, fr;q=0.5"})
    order = body(answer)
    assert (answer.headers["Content-Language"], answer.headers["ETag"], order["revision"]) == ("en", '"1"', 0)
    assert (order["number"], order["project_id"], order["missing"]) == (1, project_id, [])
    assert order["client"]["name"] == "Nestlé Waters"
    assert order["client"]["billing"] == CLIENT
    assert order["mentor"] == {"id": "card-thomas", "billing": STANDARD}
    assert (order["scope"], order["days"], order["starts_on"]) == (ACCEPTED["proposal"], 6.5, ACCEPTED["starts_on"])
    assert order["price"] == {"amount": 390_000, "currency": "EUR"}
    tax = {"amount": 78_000, "currency": "EUR"}
    note = "VAT at the standard rate of 20%."
    assert order["vat"] == {"regime": "standard", "rate": 20, "amount": tax, "note": note}
    assert order["total"] == {"amount": 468_000, "currency": "EUR"}
    assert order["quote"]["digest"] == ACCEPTED["digest"]
    assert order["quote"]["receipt_keys"].endswith("/.well-known/receipts-jwks.json")
    assert order["notes"][0] == "Relève takes no payment."
    for language in ("", "de", "fr-CA, en;q=0.1"):
        assert body(orders.order("thomas", project_id, **{"Accept-Language": language}))["notes"][0] == (
            "Aucun paiement n’est encaissé par Relève."
        )


@pytest.mark.parametrize(
    ("language", "facts"),
    [
        ("fr", ("Confirmation de commande n° 1", "3 900,00 €", "TVA 20 % 780,00 €", "Total TTC 4 680,00 €", "6,5 jours",
                format_date(STARTS_ON, "long", "fr"), "Référence du client PO-2026-871",
                "Aucun paiement n’est encaissé par Relève.")),
        ("en", ("Order confirmation no. 1", "€3,900.00", "VAT 20% €780.00", "Total including VAT €4,680.00", "6.5 days",
                format_date(STARTS_ON, "d MMMM y", "en"), "Client’s reference PO-2026-871",
                "Relève takes no payment.")),
    ],
)  # fmt: skip
def test_pdf_holds_the_same_facts_and_is_byte_identical_each_time(
    orders: Orders, language: str, facts: tuple[str, ...]
) -> None:
    orders.give("client", CLIENT)
    orders.give("thomas", STANDARD)
    project_id = orders.award()
    orders.issue(project_id)
    paper = orders.paper("client", project_id, language)
    text = text_of(paper)
    alike: tuple[str, ...] = (
        "NW Marketing & Distribution SAS",
        "Nestlé Waters",
        "Hélène Marchand-Duval",
        "Thomas Łukasiewicz",
    )
    alike += ("12, allée de l'Église", "SIREN 912345678", "FR32912345678", project_id, "receipts-jwks.json")
    for fact in (*alike, *facts, ACCEPTED["digest"], "« pratiques » : 10 € de matériel, où l'on œuvre."):
        assert fact in text, text
    assert paper.data == orders.paper("thomas", project_id, language).data
    assert paper.content_type == "application/pdf"
    assert "1.pdf" in paper.headers["Content-Disposition"]
    assert "nestl" not in paper.headers["Content-Disposition"].lower()
    reader = PdfReader(io.BytesIO(paper.data))
    issued = orders.database.orders.find_one({"_id": project_id})
    assert issued is not None
    assert reader.metadata is not None
    assert (reader.metadata.title, reader.metadata.author) == (facts[0], "Relève")
    assert abs((reader.metadata.creation_date or issued["issued_at"]) - issued["issued_at"]) < timedelta(seconds=1)
    assert reader.root_object["/Lang"] == language
    assert "/StructTreeRoot" in reader.root_object, "it is tagged, for screen readers"


# Billing details, and the orders that they complete.


def test_order_without_details_is_issued_and_completed_once_by_each_side(orders: Orders) -> None:
    project_id = orders.award()
    orders.issue(project_id)
    first = body(orders.order("client", project_id))
    assert (first["missing"], first["revision"], first["vat"]["regime"]) == (["client", "mentor"], 0, None)
    assert "total" not in first
    assert "non communiquées à ce jour" in text_of(orders.paper("client", project_id, "fr"))

    orders.give("thomas", STANDARD)
    second = body(orders.order("client", project_id))
    assert (second["missing"], second["revision"], second["total"]["amount"]) == (["client"], 1, 468_000)
    orders.give("client", CLIENT)
    third = orders.order("client", project_id)
    assert (third.json["missing"], third.json["revision"], third.headers["ETag"]) == ([], 2, '"3"')
    assert "révision 2" in text_of(orders.paper("client", project_id, "fr"))

    orders.give("thomas", MENTOR | {"vat_regime": "franchise", "legal_name": "Somebody else"})
    orders.give("client", CLIENT | {"purchase_order": "PO-2"})
    assert orders.order("client", project_id).json == third.json
    later = orders.award()
    orders.issue(later)
    order = body(orders.order("thomas", later))
    assert (order["number"], order["revision"], order["vat"]["regime"]) == (2, 0, "franchise")
    assert order["client"]["billing"]["purchase_order"] == "PO-2"


def test_billing_details_are_versioned_and_separate_for_each_side(orders: Orders) -> None:
    path = "/api/projects/billing/me"
    assert problem(orders.call("thomas", "GET", path)) == (404, "not-found")
    given = orders.give("thomas", STANDARD)
    assert (given.status_code, given.json, given.headers["ETag"]) == (200, STANDARD, '"1"')
    assert orders.call("thomas", "GET", path).json == STANDARD
    assert problem(orders.call("ines", "GET", path)) == (404, "not-found")
    assert orders.give("thomas", STANDARD, **{"If-Match": '"1"'}).headers["ETag"] == '"2"'
    assert problem(orders.give("thomas", STANDARD, **{"If-Match": '"1"'})) == (412, "stale")
    assert problem(orders.give("client", STANDARD)) == (422, "invalid")
    assert problem(orders.give("thomas", MENTOR)) == (422, "invalid")
    assert problem(orders.give("client-without-organisation", CLIENT)) == (409, "organisation-missing")


def test_organisations_details_are_read_by_members_and_set_by_owners(orders: Orders) -> None:
    token = body(orders.call("client", "POST", "/api/organisations/me/invitations", {"role": "member"}))["token"]
    assert orders.call("client-colleague", "POST", f"/api/organisations/invitations/{token}").status_code == 200
    assert orders.give("client", CLIENT).status_code == 200
    assert orders.call("client-colleague", "GET", "/api/projects/billing/me").json == CLIENT
    assert problem(orders.give("client-colleague", CLIENT)) == (403, "forbidden")


@pytest.mark.parametrize(
    "change",
    [
        {"siren": "12"},
        {"vat_number": "32 912"},
        {"vat_regime": "none"},
        {"address": ADDRESS | {"country": "France"}},
        {"address": {"city": "Lille"}},
        {"legal_name": ""},
        {"iban": "FR76"},
    ],
)
def test_implausible_details_are_refused(orders: Orders, change: dict[str, Any]) -> None:
    answer = orders.give("thomas", STANDARD | change)
    assert problem(answer) == (422, "invalid")
    assert body(answer)["errors"]


def test_export_holds_only_the_persons_own_details_and_orders(orders: Orders) -> None:
    orders.give("client", CLIENT)
    orders.give("thomas", STANDARD)
    project_id = orders.award()
    orders.issue(project_id)
    for who, details in (("client", CLIENT), ("thomas", STANDARD)):
        held = body(orders.call(who, "GET", "/api/projects/export"))
        assert held["billing"] == details
        assert [order["project_id"] for order in held["orders"]] == [project_id]
    other = body(orders.call("other", "GET", "/api/projects/export"))
    assert (other["billing"], other["orders"]) == (None, [])


def test_orders_contents_are_never_published(orders: Orders) -> None:
    orders.give("client", CLIENT)
    orders.issue(orders.award())
    orders.give("thomas", STANDARD)
    published = str(list(orders.database.outbox.find()))
    for secret in ("Nestlé", "NW Marketing", "PO-2026-871", "Thomas Łukasiewicz", "912345678"):
        assert secret not in published


# The event that issues an order.


def submit_quote(unit: Unit, mentor: str) -> None:
    round = quotes_store.find_round(unit, "p")
    assert round is not None
    facts = round.submit(seat(mentor), f"q-{mentor}", ACCEPTED["digest"], ACCEPTED["valid_until"], unit.now)
    quotes_store.save_round(unit, round, facts)
    receipt = Receipt(nonce="n", digest=ACCEPTED["digest"], received_at=unit.now, jws="j")
    terms = Terms.of({**ACCEPTED, "proposal": f"De {mentor}."})
    quotes_store.save_quote(unit, Quote(f"q-{mentor}", "p", mentor, f"card-{mentor}", terms, receipt, unit.now))


def test_settling_the_award_publishes_only_the_accepted_quote_once(database: Documents) -> None:
    quotes, window = Running("quotes", database), timedelta(hours=48)
    work, now = quotes.work, quotes.now
    round = Round("p", ["client"], "EUR", window, now, now + window, close_early=False)
    work.run(lambda unit: quotes_store.save_round(unit, round, []))
    for mentor in ("thomas", "other"):
        work.run(partial(submit_quote, mentor=mentor))
    awarded = {"quote_id": "q-thomas", "account": "thomas", "client": "client"}
    for sequence in (9, 10):
        quotes.hear("project.awarded", "p", sequence, **awarded)
    (published_row,) = database.outbox.find({"name": "quote.accepted"})
    said = CONTRACT.load("quote.accepted", published_row["payload"])
    assert (said["quote_id"], said["account"], said["proposal"]) == ("q-thomas", "thomas", "De thomas.")
    assert (said["price"]["amount"], said["days"], said["digest"]) == (390_000, 6.5, ACCEPTED["digest"])
    assert "De other." not in str(list(database.outbox.find()))


# Reviews.


def test_review_is_hidden_until_the_other_side_has_written_one(orders: Orders) -> None:
    project_id = orders.award()
    path, review = f"/api/projects/{project_id}/completion", {"rating": 2, "comment": "Peu de temps pour nous."}
    assert orders.call("thomas", "POST", path, review).status_code == 200

    def seen() -> list[list[str]]:
        listed = next(item for item in body(orders.call("client", "GET", "/api/projects"))["items"]
                      if item["id"] == project_id)  # fmt: skip
        exported = next(item for item in body(orders.call("client", "GET", "/api/projects/export"))["projects"]
                        if item["id"] == project_id)  # fmt: skip
        return [[one["by"] for one in project.get("reviews", [])] for project in (listed, exported)]

    assert seen() == [[], []]
    assert orders.call("client", "POST", path, {"rating": 5, "comment": "Merci."}).status_code == 200
    assert seen() == [["mentor", "client"]] * 2
    mine = body(orders.call("thomas", "GET", "/api/projects/export"))["reviews"]
    assert mine == [{"project_id": project_id, "by": "mentor", **review}]
