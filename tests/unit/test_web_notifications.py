"""Where a notification leads: for each of its readers, to the page of what it is about."""

from typing import Any

import pytest

from services.notify.model.audience import KINDS
from tests.kit.pages import Answers, opened
from web.api import Answer

BRIEF = {"title": "CRM", "brief": "Nous cherchons.", "topics": [], "client": "Une grande entreprise"}
INVITATION = {"id": "i7", "project_id": "p1", "state": "closed", "brief": BRIEF, "why": [],
              "closes_at": "2031-03-04T09:00:00Z"}  # fmt: skip
TO_CLIENTS = {
    "question-asked": "/projects/p1/questions", "quote-received": "/projects/p1", "window-ended": "/projects/p1",
    "project-unfilled": "/projects/p1", "project-expired": "/projects/p1", "choice-reminder": "/projects/p1",
    "choice-reopened": "/projects/p1", "project-completed": "/projects/p1", "review-shown": "/projects/p1",
    "cancelled-by-moderation": "/projects/p1",
}  # fmt: skip
TO_MENTORS = {
    "invited": "/invitations/i7", "deadline-near": "/invitations/i7", "round-over": "/invitations/i7",
    "claim-ending": "/invitations/i7/quote", "project-completed": "/projects/p1", "review-shown": "/projects/p1",
    "question-answered": "/invitations/i7#questions", "chosen": "/projects/p1", "not-chosen": "/invitations/i7",
    "project-cancelled": "/invitations/i7", "project-refused": "/invitations/i7", "project-expired": "/invitations/i7",
}  # fmt: skip
CASES = [("client", *case) for case in TO_CLIENTS.items()] + [("mentor", *case) for case in TO_MENTORS.items()]


def told(kind: str, project: str | None = "p1", programme: str | None = None) -> Answers:
    body = {"id": "n1", "kind": kind, "project_id": project, "programme_id": programme}
    return {
        ("POST", "/api/notifications/n1/read"): Answer(200, body),
        ("GET", "/api/invitations"): Answer(200, {"items": [INVITATION]}),
    }


def test_every_kind_has_a_reader() -> None:
    assert {*TO_CLIENTS, *TO_MENTORS, "programme"} == {*KINDS}


@pytest.mark.parametrize(("role", "kind", "page"), CASES)
def test_notification_leads_its_reader_to_the_thing_itself(role: str, kind: str, page: str) -> None:
    browser, _ = opened(told(kind), role)
    assert browser.get("/notifications/n1").location == page
    address = browser.application.url_map.bind("")
    assert address.match(page.partition("#")[0], method="GET"), "the page exists"


@pytest.mark.parametrize("role", ["client", "mentor"])
@pytest.mark.parametrize(
    ("parts", "page"),
    [(["owner"], "/programmes/g1"), (["organiser", "participant"], "/programmes/g1"), (["participant"], "/pair/g1"),
     ([], "/programmes")],
    ids=["owner", "organiser", "participant", "left"],
)  # fmt: skip
def test_news_of_a_programme_leads_its_reader_to_their_page_of_it(role: str, parts: list[str], page: str) -> None:
    known = {("GET", "/api/programmes/g1"): Answer(200, {"id": "g1", "my_part": parts})} if parts else {}
    browser, _ = opened({**told("programme", None, "g1"), **known}, role)
    assert browser.get("/notifications/n1").location == page


def test_notification_of_somebody_else_leads_to_ones_own_list() -> None:
    browser, _ = opened({}, "client")
    assert browser.get("/notifications/n1").location == "/notifications"


def test_stranger_signs_in_first_and_then_goes_on() -> None:
    browser, api = opened(told("invited"))
    assert browser.get("/notifications/n1").location == "/sign-in?next=/notifications/n1"
    assert api.asked == [], "nothing is marked as read"


@pytest.mark.parametrize(("by", "said"), [("moderation", "Annulé par la modération"), ("client", "votre explication")])
def test_client_reads_who_cancelled_the_project_and_why(by: str, said: str) -> None:
    found: dict[str, Any] = {"id": "p1", "state": "cancelled", "ended_by": by, "ended_for": "Du travail <gratuit>."}
    found |= {"title": "CRM", "brief": "Nous cherchons.", "topics": [], "languages": ["fr"], "window": "PT48H"}
    found |= {"created_at": INVITATION["closes_at"], "closes_at": INVITATION["closes_at"], "slots": 5}
    browser, _ = opened({("GET", "/api/projects/p1"): Answer(200, found)}, "client")
    text = browser.get("/projects/p1").text
    assert said in text
    assert "Du travail &lt;gratuit&gt;." in text


@pytest.mark.parametrize(("state", "label"), [("closed", "Annulée"), ("declined", "Déclinée")])
def test_invitation_of_a_cancelled_project_says_so_and_why(state: str, label: str) -> None:
    ended: dict[str, Any] = {"project_id": "p1", "state": "closed", "closes_at": INVITATION["closes_at"]}
    ended |= {"currency": "EUR", "reason": "cancelled", "ended_for": "Le budget <manque>.", "slot_free": False}
    browser, _ = opened({
        ("GET", "/api/invitations/i7"): Answer(200, {**INVITATION, "state": state}),
        ("GET", "/api/rounds/p1"): Answer(200, ended),
    }, "mentor")  # fmt: skip
    text = browser.get("/invitations/i7").text
    assert label in text
    assert "Le budget &lt;manque&gt;." in text
