"""Pages of challenges between companies: goals, milestones, teams, organisers, and links to pass on."""

from typing import Any

import pytest

from tests.kit.challenge_pages import CHALLENGE, PATH, PROGRAMME, TEAM, items
from tests.kit.pages import OURS, Answers, opened, refused
from web.api import Answer


def answers(more: Answers, **changes: Any) -> Answers:
    known: Answers = {
        ("GET", PATH): Answer(200, {**PROGRAMME, **changes}), ("GET", f"{PATH}/challenges"): items(CHALLENGE),
        ("GET", f"{PATH}/challenges/c"): Answer(200, CHALLENGE), ("GET", f"{PATH}/participants"): items(),
        ("GET", f"{PATH}/organisers"): items(), ("GET", f"{PATH}/links"): items(),
    }  # fmt: skip
    return {**known, **more}


def test_goal_brings_its_own_text_and_milestones() -> None:
    browser, api = opened(answers({("POST", f"{PATH}/challenges"): Answer(201, CHALLENGE)}), "client")
    sent = {"goal": "tools", "team_size": "5", "title": "", "starts_on": "", "ends_on": ""}
    browser.post("/programmes/p/challenges", data=sent, headers=OURS)
    browser.post("/programmes/p/challenges", data=sent | {"goal": "own", "title": "Le nôtre"}, headers=OURS)
    assert api.bodies("POST", f"{PATH}/challenges") == [
        {"goal": "tools", "team_size": 5}, {"goal": None, "team_size": 5, "title": "Le nôtre"},
    ]  # fmt: skip


def test_milestones_keep_their_ids_and_an_empty_one_goes() -> None:
    browser, api = opened(answers({("PATCH", f"{PATH}/challenges/c"): Answer(200, CHALLENGE)}), "client")
    assert 'name="milestone.one" type="text" value="Choisir"' in browser.get("/programmes/p/challenges/c").text
    sent = {"title": "Un outil", "text": "", "team_size": "5", "starts_on": "", "ends_on": "",
            "milestone.one": "Choisir", "due.one": "2027-02-01", "milestone.two": "", "milestone.new": "Raconter",
            "due.new": ""}  # fmt: skip
    browser.post("/programmes/p/challenges/c", data=sent, headers=OURS)
    [body] = api.bodies("PATCH", f"{PATH}/challenges/c")
    assert body == {"milestones": [{"id": "one", "title": "Choisir", "due_on": "2027-02-01"},
                                   {"title": "Raconter", "due_on": None}]}  # fmt: skip


def test_organiser_reads_how_many_people_others_have_and_moves_nobody() -> None:
    teams = items(TEAM, left_out=[], aims=[])
    browser, _ = opened(answers({("GET", f"{PATH}/teams"): teams}, my_part=["organiser"]), "client")
    text = browser.get("/programmes/p/teams").text.replace("\xa0", " ")
    assert "Agathe (AXA), 2 personnes (Colas)" in text
    assert "Déplacer" not in text
    browser, _ = opened(answers({("GET", f"{PATH}/teams"): teams}), "client")
    assert "Déplacer" in browser.get("/programmes/p/teams").text


def test_proof_of_balance_is_said_only_if_every_aim_is_at_its_bound() -> None:
    for value, said in ((3, "c’est prouvé"), (4, "Aucun équilibre meilleur")):
        teams = items(TEAM, left_out=[], aims=[{"challenge": "c", "name": "companies", "value": value, "bound": 3}])
        browser, _ = opened(answers({("GET", f"{PATH}/teams"): teams}), "client")
        assert said in browser.get("/programmes/p/teams").text


def test_pairs_inside_teams_are_not_decided_by_hand() -> None:
    pair = {"mentor": "m", "mentee": "d", "why": [], "locked": False, "second_best": None}
    proposal = {"state": "ready", "stale": False, "pairs": [pair], "unpaired": [], "conflicts": [], "changes": [],
                "forbidden": [], "teams": [TEAM]}  # fmt: skip
    known = answers({("GET", f"{PATH}/proposal"): Answer(200, proposal)}, state="proposed")
    browser, _ = opened(known, "client")
    text = browser.get("/programmes/p/proposal").text
    assert 'value="lock"' not in text
    assert "/programmes/p/teams" in text


def test_publication_of_a_challenge_speaks_of_teams_and_names_who_has_none() -> None:
    pair = {"mentor": "m", "mentee": "d", "why": [], "locked": False, "second_best": None}
    proposal = {"state": "ready", "stale": False, "pairs": [pair], "unpaired": [], "conflicts": [], "changes": [],
                "forbidden": [], "teams": [TEAM, TEAM], "left_out": []}  # fmt: skip
    left = proposal | {"left_out": [{"ref": "seule", "challenge": "c", "why": "line"}],
                       "unpaired": [{"ref": "isolee", "side": "mentee", "why": "x", "change": None}]}  # fmt: skip
    for body, offered in ((proposal, False), (left, True)):
        known = answers({("GET", f"{PATH}/proposal"): Answer(200, body),
                         ("POST", f"{PATH}/publication"): refused(409, "infeasible")}, state="proposed")  # fmt: skip
        browser, _ = opened(known, "client")
        text = browser.get("/programmes/p/publication").text.replace("\xa0", " ")
        assert "Publier 2 équipes" in text
        assert "Avec 1 binôme dans ces équipes" in text
        assert ('name="with_unpaired"' in text) is ("seule" in text) is ("isolee" in text) is offered
        assert "sans équipe. Cochez" in browser.post("/programmes/p/publication", headers=OURS).text


def test_somebody_whose_pair_was_moved_apart_does_not_hinder_the_publication() -> None:
    why = "Zoé est dans une autre équipe."
    alone = {"ref": "a1", "side": "mentee", "why": why, "change": None}
    body = {"state": "ready", "stale": False, "pairs": [], "unpaired": [alone], "conflicts": [], "changes": [],
            "forbidden": [], "teams": [TEAM], "left_out": []}  # fmt: skip
    browser, _ = opened(answers({("GET", f"{PATH}/proposal"): Answer(200, body)}, state="proposed"), "client")
    assert why in browser.get("/programmes/p/proposal").text
    text = browser.get("/programmes/p/publication").text
    assert "personne reste sans binôme" in text
    assert 'name="with_unpaired"' not in text


@pytest.mark.parametrize(("part", "said"), [("owner", "Aucun binôme n’est publié"), ("organiser", "votre entreprise")])
def test_organiser_without_pairs_reads_of_their_company_alone(part: str, said: str) -> None:
    known = answers({("GET", f"{PATH}/pairs"): items(), ("GET", f"{PATH}/sessions"): items()}, my_part=[part])
    browser, _ = opened(known, "client")
    assert said in browser.get("/programmes/p/pairs").text


def test_organisers_are_the_owners_matter() -> None:
    browser, api = opened(answers({("POST", f"{PATH}/organisers"): Answer(201, {})}), "client")
    browser.post("/programmes/p/organisers", data={"organisation": "Colas", "email": " b@colas.example "}, headers=OURS)
    assert api.bodies("POST", f"{PATH}/organisers") == [{"organisation": "Colas", "email": "b@colas.example"}]
    browser, _ = opened(answers({}, my_part=["organiser"]), "client")
    assert browser.get("/programmes/p/organisers").status_code == 404


def test_invited_organiser_signs_in_first_and_keeps_the_link() -> None:
    browser, api = opened({("POST", "/api/programmes/organisers"): Answer(200, PROGRAMME)})
    assert browser.get("/programmes/join").status_code == 200
    answer = browser.post("/programmes/join", data={"token": "x#secret"}, headers=OURS)
    assert (answer.status_code, api.asked) == (401, [])
    assert 'name="typed"' in answer.text
    assert "secret" not in answer.text
    browser, api = opened({("POST", "/api/programmes/organisers"): Answer(200, PROGRAMME)}, "client")
    answer = browser.post("/programmes/join", data={"token": "x#secret"}, headers=OURS)
    assert (answer.location, api.asked[-1][2]) == ("/programmes/p", {"token": "secret"})


def test_new_link_is_shown_once() -> None:
    made = {"id": "l", "url": "https://releve.example/join#t"}
    browser, api = opened(answers({("POST", f"{PATH}/links"): Answer(201, made)}), "client")
    sent = {"side": "mentor", "organisation": "AXA", "cap": "25", "domain": "AXA.example"}
    assert made["url"] in browser.post("/programmes/p/links", data=sent, headers=OURS).text
    expected = {"side": "mentor", "organisation": "AXA", "cap": 25, "domain": "axa.example"}
    assert api.bodies("POST", f"{PATH}/links") == [expected]
    assert made["url"] not in browser.get("/programmes/p/links").text


def test_joining_by_a_link_needs_no_account() -> None:
    joins = "/api/programmes/joins"
    browser, api = opened({("POST", joins): Answer(202, {"state": "to-confirm"})})
    sent = {"token": "https://releve.example/join#t", "name": "Zoé", "email": "zoe@axa.example", "offers": "CRM, SEO"}
    assert "confirmer votre adresse" in browser.post("/join", data=sent, headers=OURS).text
    expected = {"token": "t", "locale": "fr", "name": "Zoé", "email": "zoe@axa.example", "offers": ["CRM", "SEO"]}
    assert api.bodies("POST", joins) == [expected]
    browser, _ = opened({("POST", joins): refused(409, "wrong-domain")})
    assert "autre domaine" in browser.post("/join", data=sent, headers=OURS).text
