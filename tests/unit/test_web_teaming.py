"""A participant's challenge by the pages: the wish, the team, the board, and what its members add."""

import base64
import io
from typing import Any

import pytest

from services.programmes.model.pictures import MOST_BYTES
from tests.kit.challenge_pages import CHALLENGE, PATH, PROGRAMME, TEAM, items
from tests.kit.pages import OURS, StandIn, opened, refused
from web.api import Answer
from web.pages.pair import teaming

ME = {
    "ref": "d1", "name": "Anne", "email": "anne@x.example", "side": "mentee", "state": "agreed", "offers": [],
    "wants": ["crm"], "languages": ["fr"], "place": "", "timezone": "Europe/Lisbon", "locale": "fr", "capacity": None,
}  # fmt: skip
HERE = "/pair/p/challenges/c"
GIVEN = f"{PATH}/challenges/c/contributions"
LINK = {"id": "k1", "kind": "link", "url": "https://intranet.example/a", "text": "Le mode d'emploi", "team": "t",
        "milestone": "one", "media_type": None, "created_at": "2027-01-11T13:00:00Z", "mine": True}  # fmt: skip
PICTURE = LINK | {"id": "k2", "kind": "picture", "url": None, "text": "", "mine": False}


def board(*made: Any) -> Answer:
    teams = [{"id": "t", "name": "Équipe 1", "contributions": list(made)}] if made else []
    steps = [{"id": "one", "title": "Choisir", "due_on": "2027-02-01", "teams": teams},
             {"id": "two", "title": "Essayer", "due_on": None, "teams": []}]  # fmt: skip
    return Answer(200, {"challenge": "c", "title": "Un outil", "milestones": steps})


def member(state: str = "published", made: Answer | None = None, *, teams: Any = (TEAM,),
           wished: str | None = None) -> tuple[Any, StandIn]:  # fmt: skip
    """The browser of somebody with an account who takes part, and has agreed."""
    known = {
        ("GET", PATH): Answer(200, PROGRAMME | {"state": state, "my_part": ["participant"]}),
        ("GET", f"{PATH}/me"): Answer(200, ME | {"wished_challenge": wished}),
        ("GET", f"{PATH}/pairs"): items(), ("GET", f"{PATH}/teams"): items(*teams),
        ("GET", f"{PATH}/challenges"): items(CHALLENGE, CHALLENGE | {"id": "d", "title": "Une culture"}),
        ("GET", f"{PATH}/challenges/c"): Answer(200, CHALLENGE), ("GET", f"{PATH}/challenges/c/board"): board(LINK),
        ("POST", GIVEN): made or Answer(201, LINK), ("PATCH", f"{PATH}/me"): Answer(200, ME),
        ("DELETE", f"{GIVEN}/k1"): Answer(204),
    }  # fmt: skip
    return opened(known, "mentor")


def test_member_reads_their_team_by_name_and_goes_on_to_its_challenge() -> None:
    browser, _ = member()
    text = browser.get("/pair/p").text.replace("\xa0", " ")
    assert "Votre équipe : Équipe 1" in text
    assert "Agathe (AXA), 2 personnes (Colas)" in text
    assert f'href="{HERE}"' in text
    assert "/wish" not in text, "teams are published"


@pytest.mark.parametrize(("chosen", "wished"), [("d", "d"), ("", None)])
def test_wish_is_told_before_the_teams_are_formed(chosen: str, wished: str | None) -> None:
    browser, api = member("enrolling", teams=(), wished="c")
    assert '<option value="c" selected>' in browser.get("/pair/p").text
    answer = browser.post("/pair/p/wish", data={"challenge": chosen}, headers=OURS)
    assert answer.location == "/pair/p?done=wished"
    assert api.bodies("PATCH", f"{PATH}/me") == [{"wished_challenge": wished}]


def test_who_has_no_team_reads_so_and_adds_nothing() -> None:
    browser, _ = member(teams=())
    assert "pas encore d’équipe" in browser.get("/pair/p").text
    assert 'id="picture"' not in browser.get(HERE).text


@pytest.mark.parametrize(
    ("sent", "body"),
    [
        ({"text": "Debout.", "url": "", "milestone": "one"}, {"kind": "text", "text": "Debout.", "milestone": "one"}),
        ({"text": "", "url": " https://a.example ", "milestone": ""},
         {"kind": "link", "url": "https://a.example", "text": "", "milestone": None}),
        ({"text": "Vu", "url": "", "picture": (io.BytesIO(b"\x89PNG"), "a.png")},
         {"kind": "picture", "picture": base64.b64encode(b"\x89PNG").decode(), "text": "Vu", "milestone": None}),
    ],
    ids=["text", "link", "picture"],
)  # fmt: skip
def test_what_is_filled_in_says_what_kind_it_is(sent: dict[str, Any], body: dict[str, Any]) -> None:
    browser, api = member()
    answer = browser.post(HERE, data=sent, headers=OURS, content_type="multipart/form-data")
    assert answer.location == f"{HERE}?done=added"
    assert api.bodies("POST", GIVEN) == [body]


def test_picture_that_is_too_large_is_not_sent_and_the_text_stays() -> None:
    assert teaming.MOST_BYTES == MOST_BYTES
    browser, api = member()
    sent = {"text": "Vu", "url": "https://a.example", "picture": (io.BytesIO(b"x" * (MOST_BYTES + 1)), "a.png")}
    answer = browser.post(HERE, data=sent, headers=OURS, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert 'id="picture-error"' in answer.text
    assert 'id="url-error"' in answer.text, "a link or a picture"
    assert ">Vu</textarea>" in answer.text
    assert api.bodies("POST", GIVEN) == []


def test_refusal_of_a_contribution_stands_above_the_text() -> None:
    browser, _ = member(made=refused(409, "too-many-contributions"))
    answer = browser.post(HERE, data={"text": "Debout."}, headers=OURS)
    assert answer.status_code == 422
    assert "cent contributions" in answer.text
    assert ">Debout.</textarea>" in answer.text


def test_ones_own_contribution_can_be_withdrawn_and_no_other() -> None:
    browser, api = member()
    api.answers["GET", f"{PATH}/challenges/c/board"] = board(LINK, PICTURE)
    text = browser.get(HERE).text
    assert "/contributions/k1/remove" in text
    assert "/contributions/k2/remove" not in text
    assert browser.post(f"{HERE}/contributions/k1/remove", headers=OURS).location == f"{HERE}?done=removed"
    assert browser.post(f"{HERE}/contributions/k2/remove", headers=OURS).status_code == 409


def test_picture_is_shown_with_words_and_kept_nowhere() -> None:
    browser, api = member()
    api.answers["GET", f"{PATH}/challenges/c/board"] = board(PICTURE)
    api.answers["GET", f"{GIVEN}/k2/picture"] = Answer(200, None, {"Content-Type": "image/png"}, b"\x89PNG")
    text = browser.get(HERE).text
    assert f'src="{HERE}/contributions/k2/picture" alt="Équipe 1, une image"' in text
    answer = browser.get(f"{HERE}/contributions/k2/picture")
    assert (answer.data, answer.content_type, answer.headers["Cache-Control"]) == (b"\x89PNG", "image/png", "no-store")


@pytest.mark.parametrize(("part", "offered"), [("owner", True), ("organiser", False)])
def test_owner_removes_anything_and_an_organiser_nothing(part: str, *, offered: bool) -> None:
    place = "/programmes/p/challenges/c"
    browser, _ = opened({
        ("GET", PATH): Answer(200, PROGRAMME | {"my_part": [part]}), ("GET", f"{PATH}/challenges/c/board"): board(LINK),
        ("DELETE", f"{GIVEN}/k1"): Answer(204),
    }, "client")  # fmt: skip
    assert (f"{place}/contributions/k1/remove" in browser.get(f"{place}/board").text) is offered
    answer = browser.post(f"{place}/contributions/k1/remove", headers=OURS)
    assert answer.location == f"{place}/board?done=removed"
