"""Pages of a programme's owner: a spreadsheet that is mended in place, the proposal, and what is never shown."""

import io
from typing import Any

import pytest

from tests.kit.pages import OURS, Answers, opened, refused
from web import rows
from web.api import Answer
from web.forms import prefilled

PROGRAMME = {
    "id": "p", "name": "Promotion d'automne", "kind": "pairing", "state": "enrolling", "organisations": ["PWN"],
    "language": "fr", "purpose": "Apprendre", "host": "PWN", "contact": None, "my_part": ["owner"],
    "rules": {"cover": "mentees", "capacity": 1, "mentee_capacity": 1, "answer_within": "P7D", "cross_company": False,
              "same_chain": False, "same_team": False}, "created_at": "2026-11-23T09:00:00Z",
}  # fmt: skip
PATH = "/api/programmes/p"
COUNTS = {"mentors": 1, "mentees": 1, "waiting": 2, "agreed": 0, "objected": 0, "reasons": {}}
PEOPLE = [
    {"ref": ref, "name": name, "email": f"{ref}@x.example", "side": side, "state": "enrolled", "organisation": "PWN"}
    for ref, name, side in (("m1", "Zoé", "mentor"), ("m2", "Ilyès", "mentor"), ("d1", "Anne", "mentee"))
]
CELLS = {"name": "Anne Roy", "email": "anne", "side": "mentorée"}
WRONG: dict[str, Any] = {
    "accepted": 0, "checked": True, "left_off": 0, "warnings": [],
    "rejected": [{"line": 4, "field": "email", "code": "bad-email", "message": "Ce n'est pas une adresse e-mail."}],
    "rows": [{"line": 2, "cells": {"name": "Zoé", "email": "zoe@x.example", "side": "mentor"}},
             {"line": 4, "cells": CELLS}],
}  # fmt: skip
RIGHT = WRONG | {"accepted": 2, "rejected": []}


def one(item: Any) -> Answer:
    return Answer(200, item)


def page(items: list[Any], **more: Any) -> Answer:
    return Answer(200, {"items": items, "next_cursor": None, **more})


def answers(more: Answers) -> Answers:
    return {("GET", PATH): one(PROGRAMME), ("GET", f"{PATH}/participants"): page(PEOPLE, counts=COUNTS), **more}


def test_file_is_checked_first_and_its_errors_stand_at_their_cells() -> None:
    browser, api = opened(answers({("POST", f"{PATH}/participants"): one(WRONG)}), "client")
    sent = {"_do": "check", "file": (io.BytesIO(b"Nom;E-mail"), "people.csv")}
    answer = browser.post("/programmes/p/participants", data=sent, headers=OURS)
    assert answer.status_code == 422
    assert 'id="cell.4.email-error"' in answer.text
    assert 'name="cell.4.email" value="anne" aria-invalid' in answer.text
    assert "cell.2.name" not in answer.text, "rows without errors need no mending"
    assert api.bodies("POST", f"{PATH}/participants") == [b"Nom;E-mail"]
    assert [target for method, target, _, _ in api.asked if method == "POST"] == [f"{PATH}/participants?check=true"]


def test_mended_cell_is_sent_again_in_its_own_row() -> None:
    table = rows.packed(rows.as_read(WRONG["rows"]))
    browser, api = opened(answers({("POST", f"{PATH}/participants"): one(RIGHT)}), "client")
    sent = {"_do": "mend", "rows": table, "cell.4.email": "anne@x.example"}
    answer = browser.post("/programmes/p/participants", data=sent, headers=OURS)
    assert "Inscrire ces 2 personnes" in answer.text.replace("\xa0", " ")
    [content] = api.bodies("POST", f"{PATH}/participants")
    lines = content.decode().split("\r\n")
    assert lines[1].startswith(",Zoé,zoe@x.example,mentor")
    assert lines[2] == ""
    assert lines[3].startswith(",Anne Roy,anne@x.example,mentorée")


def test_line_that_is_left_out_is_not_sent() -> None:
    form = prefilled({"rows": rows.packed(rows.as_read(WRONG["rows"])), "left_out": "4"})
    assert list(rows.mended(form)) == [2]


@pytest.mark.parametrize("carried", ["", "[]", "{", '{"x": {}}', '{"4": []}'])
def test_table_that_is_not_ours_is_empty(carried: str) -> None:
    assert rows.mended(prefilled({"rows": carried})) == {}


def test_people_are_enrolled_only_by_the_button_that_says_so() -> None:
    table = rows.packed(rows.as_read(RIGHT["rows"]))
    browser, api = opened(answers({("POST", f"{PATH}/participants"): one(RIGHT)}), "client")
    sent = {"_do": "enrol", "_nonce": "n", "rows": table}
    answer = browser.post("/programmes/p/participants", data=sent, headers=OURS)
    assert answer.location == "/programmes/p/participants?done=enrolled"
    [(_, target, _, headers)] = [asked for asked in api.asked if asked[0] == "POST"]
    assert target == f"{PATH}/participants"
    assert headers["Idempotency-Key"]
    browser.post("/programmes/p/participants", data=sent | {"_restore": "1"}, headers=OURS)
    assert api.asked[-2][1].endswith("?check=true"), "a text that comes back after signing in is only checked"


def test_unreadable_file_is_said_at_its_field() -> None:
    error = refused(422, "invalid", errors=[{"field": "file", "code": "no-header"}])
    browser, _ = opened(answers({("POST", f"{PATH}/participants"): error}), "client")
    answer = browser.post("/programmes/p/participants", data={"_do": "check", "pasted": "a;b"}, headers=OURS)
    assert answer.status_code == 422
    assert "La première ligne doit nommer les colonnes" in answer.text
    assert "a;b</textarea>" in answer.text, "what was pasted stays"


def proposal(**more: Any) -> dict[str, Any]:
    pair = {"mentor": "m1", "mentee": "d1", "score": 0.8, "why": ["Langue commune"], "locked": False,
            "second_best": {"mentor": "m2", "score": 0.5, "free": True}}  # fmt: skip
    return {"state": "ready", "progress": 1.0, "stale": False, "pairs": [pair], "unpaired": [], "conflicts": [],
            "changes": [], "forbidden": [], **more}  # fmt: skip


def test_proposal_marks_what_is_new_and_says_what_went() -> None:
    changes = [{"mentor": mentor, "mentee": "d1", "change": change}
               for mentor, change in (("m1", "added"), ("m2", "removed"))]  # fmt: skip
    browser, _ = opened(answers({("GET", f"{PATH}/proposal"): one(proposal(changes=changes))}), "client")
    text = browser.get("/programmes/p/proposal").text
    assert '<span class="state open">nouveau</span>' in text
    assert "<del>Ilyès · Anne</del>" in text
    first = [one | {"change": "added"} for one in changes[:1]]
    browser, _ = opened(answers({("GET", f"{PATH}/proposal"): one(proposal(changes=first))}), "client")
    assert "nouveau</span>" not in browser.get("/programmes/p/proposal").text, "all of a first proposal is new"


def test_second_best_is_locked_with_the_same_mentee() -> None:
    target = f"{PATH}/pairs/m2/d1"
    browser, api = opened(answers({("PUT", target): one({}), ("GET", f"{PATH}/proposal"): one(proposal())}), "client")
    assert '<input type="hidden" name="mentor" value="m2">' in browser.get("/programmes/p/proposal").text
    sent = {"_do": "second", "mentor": "m2", "mentee": "d1"}
    browser.post("/programmes/p/proposal", data=sent, headers=OURS)
    assert api.bodies("PUT", target) == [{"locked": True}]


def test_solver_at_work_is_waited_for_with_and_without_a_script() -> None:
    solving = {"state": "solving", "progress": 0.4}
    browser, _ = opened(answers({("GET", f"{PATH}/proposal"): Answer(200, solving)}), "client")
    text = browser.get("/programmes/p/proposal").text
    assert "40\u202f% est fait" in text
    assert 'hx-trigger="every 2s"' in text
    assert '<a class="button quiet" href="/programmes/p/proposal">Actualiser</a>' in text


def test_conflicting_rules_are_named() -> None:
    answer = refused(409, "infeasible", conflicts=["d1 et m1 : même équipe"])
    browser, _ = opened(answers({("GET", f"{PATH}/proposal"): answer}), "client")
    assert "d1 et m1 : même équipe" in browser.get("/programmes/p/proposal").text


def test_publication_asks_before_people_stay_alone() -> None:
    alone = proposal(unpaired=[{"ref": "m2", "side": "mentor", "why": "Aucune place.", "change": None}])
    browser, api = opened(
        answers({("GET", f"{PATH}/proposal"): one(alone), ("POST", f"{PATH}/publication"): refused(409, "infeasible")}),
        "client",
    )
    answer = browser.post("/programmes/p/publication", data={}, headers=OURS)
    assert (answer.status_code, api.bodies("POST", f"{PATH}/publication")) == (409, [{"with_unpaired": False}])
    assert "Cochez la case" in answer.text
    assert "Ilyès" in answer.text
    browser.post("/programmes/p/publication", data={"with_unpaired": "on"}, headers=OURS)
    assert api.bodies("POST", f"{PATH}/publication")[1] == {"with_unpaired": True}


def test_withheld_figures_are_not_shown() -> None:
    none = {"withheld": True, "reason": "x", "people": None, "mean": None}
    row = {"by": None, "value": None, "label": None, "withheld": True, "people": None, "changes": none}
    shown: dict[str, Any] = {"overall": row, "groups": [], "totals": None, "next_update_at": None}
    browser, _ = opened(answers({("GET", f"{PATH}/progress"): one(shown)}), "client")
    assert "trop peu pour être montré" in browser.get("/programmes/p/progress").text


def test_owners_pages_are_not_for_organisers() -> None:
    organiser = one(PROGRAMME | {"my_part": ["organiser"]})
    browser, _ = opened(answers({("GET", PATH): organiser, ("GET", f"{PATH}/proposal"): one(proposal())}), "client")
    for path in ("rules", "proposal", "publication", "closing", "copy", "pairs/m1/d1/end"):
        assert browser.get(f"/programmes/p/{path}").status_code == 404, path
    assert "/rules" not in browser.get("/programmes/p").text


def test_number_that_is_none_is_said_at_its_field() -> None:
    error = {"field": "rules.capacity", "code": "not-whole"}
    browser, api = opened({("POST", "/api/programmes"): refused(422, "invalid", errors=[error])}, "client")
    answer = browser.post("/programmes/new", data={"name": "X", "kind": "pairing", "capacity": "deux"}, headers=OURS)
    assert 'id="capacity-error"' in answer.text
    assert api.bodies("POST", "/api/programmes")[0]["rules"]["capacity"] == "deux"
