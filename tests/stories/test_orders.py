"""After the award both parties have an order document for purchasing and invoicing."""

import io

import httpx
from pypdf import PdfReader

from stories.nestle_waters import ORGANISATION, SOLUTION, expect
from stories.people import Person, about, client, mentor, pause
from tests.stories.running import Running
from tests.stories.topics import everything_in_kafka

TOPICS = ["business-intelligence"]
ADDRESS = {"street": "34, rue Guynemer", "postal_code": "92130", "city": "Issy-les-Moulineaux", "country": "FR"}
NAME = "Nestlé Waters Distribution Parisienne SAS"
BILLING = {"legal_name": NAME, "address": ADDRESS, "siren": "479463044", "purchase_order": "BON-D-ACHAT-871"}
THOMAS = {"legal_name": "Thomas Œuvrard EI", "address": ADDRESS, "siren": "912345678", "vat_regime": "franchise"}


def test_both_parties_read_the_same_order_and_events_stay_anonymous(
    system: Running,
) -> None:
    hélène = client(system.url, ORGANISATION, "Hélène")
    mentors = [mentor(system.url, f"Mentor {number}", TOPICS) for number in range(5)]
    thomas, others = mentors[0], [*mentors[1:], Person(system.url, "client", "Eve").join()]
    expect(thomas.call("PUT", "/api/projects/billing/me", THOMAS), 200)
    brief = {"title": "Lire nos données", **about(TOPICS), "languages": ["fr"], "window": "PT1H"}
    project_id = expect(hélène.post("/api/projects", brief), 201)["id"]
    path = f"/api/projects/{project_id}/order"
    quotes = [expect(person.quote(project_id, 3900, SOLUTION), 201) for person in mentors]
    hélène.until(f"/api/projects/{project_id}", lambda project: project["state"] == "choosing")
    for person in (hélène, thomas):
        expect(person.get(path), 404)

    expect(hélène.post(f"/api/projects/{project_id}/acceptance", {"quote_id": quotes[0]["id"]}), 200)
    assert thomas.get(path).status_code in (200, 503)
    order = thomas.until(path, lambda order: order)
    assert expect(hélène.get(path), 200) == order
    assert (order["number"], order["client"]["name"], order["missing"]) == (1, "Nestlé Waters", ["client"])
    assert order["price"] == order["total"] == {"amount": 390_000, "currency": "EUR"}
    assert (order["scope"], order["vat"]["note"]) == (SOLUTION, "TVA non applicable, art. 293 B du CGI.")
    assert order["quote"]["digest"] == quotes[0]["receipt"]["digest"]
    assert hélène.get(httpx.URL(order["quote"]["receipt_keys"]).path).json()["keys"]

    expect(hélène.call("PUT", "/api/projects/billing/me", BILLING), 200)
    completed = expect(thomas.get(path), 200)
    assert (completed["revision"], completed["missing"], completed["client"]["billing"]) == (1, [], BILLING)
    papers = [person.call("GET", f"{path}.pdf", None, **{"Accept-Language": "en"}) for person in (hélène, thomas)]
    assert [paper.status_code for paper in papers] == [200, 200]
    assert papers[0].content == papers[1].content
    text = " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(papers[0].content)).pages).split())
    for fact in (NAME, "Thomas Œuvrard EI", "€3,900.00", "Relève takes no payment.", order["quote"]["digest"]):
        assert fact in text, text
    for person in others:
        for kind in (path, f"{path}.pdf"):
            expect(person.get(kind), 404)

    published = [message for message in everything_in_kafka(system.kafka) if project_id in message]
    (told,) = (message for message in published if "releve.quote.accepted.v1" in message)
    assert SOLUTION[:40] in told
    for message in published:
        for name in ("Nestl", "Guynemer", "479463044", "BON-D-ACHAT", "Marchand", "uvrard EI", "912345678"):
            assert name not in message, message[:200]
    pause(mentors)
