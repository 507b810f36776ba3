"""The draft of a quote: kept as typed, and never written over what another browser has kept."""

from typing import Any

import pytest

from tests.kit.pages import OURS, StandIn, opened, refused
from web.api import Answer

AT = "2031-03-04T09:30:00.000Z"
BRIEF = {"title": "Former l'équipe", "client": "une entreprise", "brief": "Le besoin.", "topics": []}
INVITATION = {"id": "i", "project_id": "p", "state": "seen", "closes_at": AT, "brief": BRIEF}
ROUND = {"state": "open", "closes_at": AT, "currency": "EUR", "slot_free": False}
DRAFT = "/api/rounds/p/draft"
TYPED = {"proposal": "Mon texte", "price": "12", "days": "", "starts_on": "", "valid_until": ""}


def kept(version: int, **texts: str) -> Answer:
    """A draft as the API answers it."""
    return Answer(200, {**TYPED, **texts, "saved_at": AT}, {"ETag": f'"{version}"'})


def editor(**draft: Answer | list[Answer]) -> tuple[Any, StandIn]:
    """A mentor at the editor; `draft` has the answers to GET and PUT of the draft."""
    known = {("GET", "/api/invitations/i"): Answer(200, INVITATION), ("GET", "/api/rounds/p"): Answer(200, ROUND)}
    return opened(known | {(method, DRAFT): answer for method, answer in draft.items()}, "mentor")


def test_draft_is_kept_as_typed_in_place_of_the_version_that_was_read() -> None:
    page, api = editor(PUT=kept(4))
    answer = page.post("/invitations/i/draft", data={**TYPED, "_draft": "3"}, headers=OURS)
    assert (answer.status_code, 'data-version="4"' in answer.text) == (200, True)
    [(_, _, sent, headers)] = [one for one in api.asked if one[0] == "PUT"]
    assert (sent, headers["If-Match"]) == (TYPED, '"3"')


def test_button_keeps_the_draft_without_a_script() -> None:
    page, api = editor(PUT=kept(1))
    answer = page.post("/invitations/i/quote", data={**TYPED, "_draft": "", "_do": "draft"}, headers=OURS)
    assert (answer.status_code, answer.location) == (303, "/invitations/i/quote")
    assert api.bodies("PUT", DRAFT) == [TYPED]
    assert api.bodies("POST", "/api/quotes") == [], "nothing is handed in"


@pytest.mark.parametrize("path", ["/invitations/i/draft", "/invitations/i/quote"])
def test_other_browsers_text_is_shown_beside_and_not_overwritten(path: str) -> None:
    page, _ = editor(PUT=refused(412, "stale"), GET=kept(7, proposal="Un autre texte"))
    answer = page.post(path, data={**TYPED, "_draft": "3", "_do": "draft"}, headers=OURS)
    assert answer.status_code == 409
    assert "Un autre texte" in answer.text
    assert 'name="_other" value="7"' in answer.text
    assert path.endswith("draft") or "Mon texte</textarea>" in answer.text, "what was typed stays in the field"


def test_text_typed_before_there_was_a_draft_does_not_overwrite_one() -> None:
    page, api = editor(GET=kept(2, proposal="Un autre texte"))
    assert page.post("/invitations/i/draft", data={**TYPED, "_draft": ""}, headers=OURS).status_code == 409
    assert api.bodies("PUT", DRAFT) == []


def test_same_text_in_two_browsers_is_no_conflict() -> None:
    page, _ = editor(PUT=refused(412, "stale"), GET=kept(7))
    answer = page.post("/invitations/i/draft", data={**TYPED, "_draft": "3"}, headers=OURS)
    assert (answer.status_code, 'data-version="7"' in answer.text) == (200, True)


def test_own_text_replaces_the_other_one_only_when_asked_to() -> None:
    page, api = editor(PUT=kept(8))
    form = {**TYPED, "_draft": "3", "_other": "7", "_do": "mine"}
    assert page.post("/invitations/i/quote", data=form, headers=OURS).status_code == 303
    assert [headers["If-Match"] for method, _, _, headers in api.asked if method == "PUT"] == ['"7"']


def test_draft_that_ended_as_a_quote_is_not_begun_again() -> None:
    page, api = editor(PUT=refused(412, "stale"))
    api.answers["GET", "/api/quotes"] = Answer(200, {"items": [{"id": "q", "state": "sealed"}]})
    answer = page.post("/invitations/i/draft", data={**TYPED, "_draft": "3"}, headers=OURS)
    assert (answer.status_code, "vient d’être remis" in answer.text) == (409, True)
    assert len(api.bodies("PUT", DRAFT)) == 1


def test_too_many_savings_are_tried_again_and_not_given_up() -> None:
    page, _ = editor(PUT=refused(429, "rate-limited"))
    assert page.post("/invitations/i/draft", data={**TYPED, "_draft": "3"}, headers=OURS).status_code == 503


def test_draft_that_ended_otherwise_is_begun_again() -> None:
    page, _ = editor(PUT=[refused(412, "stale"), kept(1)])
    answer = page.post("/invitations/i/draft", data={**TYPED, "_draft": "3"}, headers=OURS)
    assert (answer.status_code, 'data-version="1"' in answer.text) == (200, True)


def test_end_of_the_window_is_said_and_the_text_stays() -> None:
    page, _ = editor(PUT=refused(409, "window-ended"))
    answer = page.post("/invitations/i/quote", data={**TYPED, "_draft": "3", "_do": "draft"}, headers=OURS)
    assert answer.status_code == 409
    assert "Le délai est passé. Votre texte reste ici." in answer.text
    assert "Mon texte</textarea>" in answer.text


def test_editor_opens_with_the_draft_and_names_its_version() -> None:
    page, _ = editor(GET=kept(5, proposal="Repris ici"))
    text = page.get("/invitations/i/quote").text
    assert "Repris ici</textarea>" in text
    assert 'name="_draft" value="5"' in text
    assert "Brouillon gardé à" in text
