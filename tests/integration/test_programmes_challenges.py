"""Challenges on a real MongoDB: organisers, teams, contributions and the board, each as far as a reader may see."""

import base64
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import TestResponse

from chassis.ids import new_id
from chassis.mongo import connect
from services.programmes import store
from services.programmes.model.participants import Participant
from tests.kit.answers import body, problem
from tests.kit.pictures import jpeg
from tests.kit.programmes import OWNER, STRANGER, Programmes

COMPANIES = ["AXA", "Colas"]
ORGANISER, OTHER = "client-eloise", "client-baptiste"


@pytest.fixture(scope="module")
def service(mongo_uri: str) -> Iterator[Programmes]:
    """One service and one database for all tests; each has a programme of its own."""
    service = Programmes(connect(mongo_uri, f"test_{new_id().replace('-', '_')}", app="test"))
    yield service
    service.drop()


class Challenges:
    """One programme of challenges, with its own owner's calls."""

    def __init__(self, service: Programmes) -> None:
        self.service = service
        self.id = service.create(kind="challenge", organisations=COMPANIES, language="fr")
        self.path = f"/api/programmes/{self.id}"

    def call(self, who: str, method: str, path: str, json: Any = None, **headers: str) -> TestResponse:
        return self.service.call(who, method, f"{self.path}{path}", json, **headers)

    def challenge(self, **changes: Any) -> dict[str, Any]:
        answer = self.call(OWNER, "POST", "/challenges", {"goal": "tools", "team_size": 2} | changes)
        assert answer.status_code == 201, answer.text
        return body(answer)

    def invited(self, organisation: str = "AXA", email: str = "eloise@axa.example") -> dict[str, Any]:
        answer = self.call(OWNER, "POST", "/organisers", {"organisation": organisation, "email": email})
        assert answer.status_code == 201, answer.text
        return body(answer)

    def accept(self, who: str, token: str) -> TestResponse:
        return self.service.call(who, "POST", "/api/programmes/organisers", {"token": token})

    def organised_by(self, who: str, organisation: str) -> None:
        token = self.service.token(self.invited(organisation)["id"])
        assert self.accept(who, token).status_code == 200

    def people(self) -> dict[str, Participant]:
        """Two people of each company: a mentor and a mentee."""
        seats = [(company, side) for company in COMPANIES for side in ("mentor", "mentee")]
        refs = [f"{company}-{side}" for company, side in seats]
        return {
            ref: self.service.put(self.id, ref, side, organisation=company, state="agreed")
            for ref, (company, side) in zip(refs, seats, strict=True)
        }

    def teams(self, *, published: bool = True) -> Any:
        """Proposes teams; publishes them. The answer to the publication."""
        self.service.propose(self.id)
        return self.service.publish_proposal(self.id) if published else None


@pytest.fixture
def challenges(service: Programmes) -> Challenges:
    return Challenges(service)


# Organisers.


def test_organiser_accepts_once_and_sees_the_programme(challenges: Challenges) -> None:
    invited = challenges.invited()
    assert (invited["state"], invited["organisation"]) == ("invited", "AXA")
    listed = body(challenges.call(OWNER, "GET", "/organisers"))["items"]
    assert [one["email"] for one in listed] == ["eloise@axa.example"]
    mail = body(challenges.service.read(invited["id"]))
    assert (mail["kind"], mail["email"], mail["values"]["organisation"]) == (
        "organiser-invited", "eloise@axa.example", "AXA",
    )  # fmt: skip
    assert mail["values"]["contact_name"] == "Claire Fontaine"
    assert problem(challenges.call(ORGANISER, "GET", "")) == (404, "not-found")
    accepted = challenges.accept(ORGANISER, mail["token"])
    assert (accepted.status_code, body(accepted)["my_part"]) == (200, ["organiser"])
    assert problem(challenges.accept(OTHER, mail["token"])) == (404, "not-found")
    assert body(challenges.call(OWNER, "GET", "/organisers"))["items"] == [
        {"id": ORGANISER, "organisation": "AXA", "state": "accepted", "email": None, "expires_at": None}
    ]
    assert challenges.service.messages(email="eloise@axa.example") == []


def test_one_company_each_and_only_the_owner_invites(challenges: Challenges) -> None:
    challenges.organised_by(ORGANISER, "AXA")
    token = challenges.service.token(challenges.invited("Colas")["id"])
    assert problem(challenges.accept(ORGANISER, token)) == (409, "already-organiser")
    wanted = {"organisation": "AXA", "email": "x@axa.example"}
    for who in (ORGANISER, STRANGER):
        assert problem(challenges.call(who, "POST", "/organisers", wanted)) == (404, "not-found")
        assert problem(challenges.call(who, "GET", "/organisers")) == (404, "not-found")
    outside = challenges.call(OWNER, "POST", "/organisers", {**wanted, "organisation": "Engie"})
    assert problem(outside) == (422, "invalid")


def test_withdrawn_invitation_and_dismissed_organiser_open_nothing(challenges: Challenges) -> None:
    invited = challenges.invited()
    token = challenges.service.token(invited["id"])
    assert challenges.call(OWNER, "DELETE", f"/organisers/{invited['id']}").status_code == 204
    assert problem(challenges.accept(ORGANISER, token)) == (404, "not-found")
    challenges.organised_by(ORGANISER, "AXA")
    assert challenges.call(OWNER, "DELETE", f"/organisers/{ORGANISER}").status_code == 204
    assert problem(challenges.call(ORGANISER, "GET", "")) == (404, "not-found")
    assert problem(challenges.call(OWNER, "DELETE", f"/organisers/{ORGANISER}")) == (404, "not-found")


def test_erased_account_organises_nothing(challenges: Challenges) -> None:
    challenges.organised_by(OTHER, "Colas")
    challenges.service.hear("account.erased", OTHER, role="client")
    assert body(challenges.call(OWNER, "GET", "/organisers"))["items"] == []


# Challenges.


def test_challenge_is_read_by_everybody_and_changed_with_its_version(challenges: Challenges) -> None:
    made = challenges.challenge()
    assert (made["title"], len(made["milestones"])) == ("Faire adopter les outils numériques", 5)
    challenges.organised_by(ORGANISER, "AXA")
    path = f"/challenges/{made['id']}"
    read = challenges.call(ORGANISER, "GET", path)
    assert (body(read), read.headers["ETag"]) == (made, '"1"')
    assert body(challenges.call(OWNER, "GET", "/challenges")) == {"items": [made], "next_cursor": None}
    assert problem(challenges.call(STRANGER, "GET", path)) == (404, "not-found")
    assert problem(challenges.call(ORGANISER, "PATCH", path, {"title": "X"})) == (404, "not-found")
    assert problem(challenges.call(OWNER, "PATCH", path, {"title": "X"}, If_Match='"9"')) == (412, "stale")
    changed = challenges.call(OWNER, "PATCH", path, {"title": "Notre outil"}, If_Match='"1"')
    assert (body(changed)["title"], changed.headers["ETag"]) == ("Notre outil", '"2"')
    assert problem(challenges.call(OWNER, "PATCH", path, {"goal": "culture"})) == (422, "invalid")


def test_copy_of_a_programme_has_its_challenges(challenges: Challenges) -> None:
    made = challenges.challenge(title="Un défi")
    copy = body(challenges.call(OWNER, "POST", "/copy", {}))["id"]
    found = challenges.service.get(OWNER, f"/api/programmes/{copy}/challenges")["items"]
    assert [one["title"] for one in found] == ["Un défi"]
    assert found[0]["id"] != made["id"]


def test_deleted_challenge_takes_its_wishes_along(challenges: Challenges) -> None:
    made = challenges.challenge()
    challenges.service.put(challenges.id, "A", "mentor", organisation="AXA", wished_challenge=made["id"])
    assert challenges.call(OWNER, "DELETE", f"/challenges/{made['id']}").status_code == 204
    assert body(challenges.call(OWNER, "GET", "/challenges"))["items"] == []
    row = challenges.service.database.participants.find_one({"programme": challenges.id})
    assert row is not None
    assert row["wished_challenge"] is None


def test_goals_are_offered_in_both_languages(challenges: Challenges) -> None:
    goals = challenges.service.get(OWNER, "/api/programmes/goals")["items"]
    assert [one["goal"] for one in goals] == ["culture", "awareness", "advocacy", "tools"]
    assert goals[0]["en"]["title"] == "Change the company’s culture"


def test_people_and_organisers_state_wishes_before_publication(challenges: Challenges) -> None:
    made, people = challenges.challenge(), challenges.people()
    challenges.challenge()
    challenges.organised_by(ORGANISER, "AXA")
    wish, token = {"wished_challenge": made["id"]}, challenges.service.pass_of(people["Colas-mentor"])
    mine = challenges.service.by_pass(token, "PATCH", f"{challenges.path}/me", wish)
    assert (mine.status_code, body(mine)["wished_challenge"]) == (200, made["id"])
    assert challenges.call(ORGANISER, "PATCH", "/participants/AXA-mentor", wish).status_code == 200
    assert problem(challenges.call(ORGANISER, "PATCH", "/participants/Colas-mentee", wish)) == (404, "not-found")
    unknown = {"wished_challenge": "other"}
    assert problem(challenges.call(OWNER, "PATCH", "/participants/Colas-mentee", unknown)) == (422, "invalid")
    challenges.teams()
    shown = challenges.service.get(OWNER, f"{challenges.path}/participants/AXA-mentor")
    assert shown["challenge"] == shown["wished_challenge"] == made["id"]
    assert problem(challenges.service.by_pass(token, "PATCH", f"{challenges.path}/me", wish)) == (409, "wrong-state")


# Teams.


def test_proposed_teams_are_seen_by_the_owner_and_organisers_only(challenges: Challenges) -> None:
    made, people = challenges.challenge(), challenges.people()
    challenges.organised_by(ORGANISER, "AXA")
    assert body(challenges.call(OWNER, "GET", "/teams"))["items"] == []
    challenges.teams(published=False)
    seen = body(challenges.call(OWNER, "GET", "/teams"))
    assert [one["name"] for one in seen["items"]] == ["Équipe 1", "Équipe 2"]
    for team in seen["items"]:
        assert {member["organisation"] for member in team["members"]} == {"AXA", "Colas"}
        assert {member["side"] for member in team["members"]} == {"mentor", "mentee"}
        assert (team["challenge"], team["published"]) == (made["id"], False)
    assert all(aim["value"] == aim["bound"] for aim in seen["aims"])
    own = body(challenges.call(ORGANISER, "GET", "/teams"))
    assert [[member["name"] for member in team["members"]] for team in own["items"]] == [
        [member["name"] for member in team["members"] if member["organisation"] == "AXA"] for team in seen["items"]
    ]
    assert [team["others"] for team in own["items"]] == [[{"organisation": "Colas", "people": 1}]] * 2
    me = people["AXA-mentor"]
    token = challenges.service.pass_of(me)
    assert body(challenges.service.by_pass(token, "GET", f"{challenges.path}/teams"))["items"] == []
    assert store.team_of(challenges.service.database, challenges.id, me.id) is None
    assert problem(challenges.call(STRANGER, "GET", "/teams")) == (404, "not-found")


def test_published_team_is_told_and_seen_by_its_members(challenges: Challenges) -> None:
    challenges.challenge()
    people = challenges.people()
    challenges.teams()
    me = people["AXA-mentor"]
    message = challenges.service.messages("team-published", participant=me.id)[0]
    values = body(challenges.service.read(message["_id"]))["values"]
    assert values["challenge"] == "Faire adopter les outils numériques"
    token = challenges.service.pass_of(me)
    teams = body(challenges.service.by_pass(token, "GET", f"{challenges.path}/teams"))["items"]
    assert [team["name"] for team in teams] == [values["team"]]
    assert {member["ref"] for member in teams[0]["members"]} == {None}
    assert len(teams[0]["members"]) == 2
    row = challenges.service.database.participants.find_one({"_id": me.id})
    assert row is not None
    assert row["team_id"] == teams[0]["id"]
    requested = challenges.service.payloads(challenges.id, "messages.requested")
    kinds = Counter(one["kind"] for one in requested[-1]["messages"])
    assert kinds == {"team-published": 4, "assessment": 4, "pair-published": 4}
    assert "Équipe" not in str(requested)


def test_pairs_inside_teams_mix_companies(challenges: Challenges) -> None:
    challenges.challenge()
    people = challenges.people()
    answer = challenges.teams()
    assert (answer["pairs"], answer["teams"], answer["unpaired"]) == (2, 2, 0)
    teams = body(challenges.call(OWNER, "GET", "/teams"))["items"]
    of_team = {member["ref"]: team["name"] for team in teams for member in team["members"]}
    pairs = store.pairs_of(challenges.service.database, challenges.id)
    refs = {one.id: ref for ref, one in people.items()}
    for pair in pairs:
        mentor, mentee = refs[pair.mentor], refs[pair.mentee]
        assert of_team[mentor] == of_team[mentee]
        assert people[mentor].organisation != people[mentee].organisation


def test_pair_of_people_moved_apart_is_shown_as_dropped_and_not_published(challenges: Challenges) -> None:
    challenges.challenge()
    challenges.people()
    challenges.teams(published=False)
    teams = body(challenges.call(OWNER, "GET", "/teams"))["items"]
    ref = teams[0]["members"][0]["ref"]
    before = body(challenges.call(OWNER, "GET", "/proposal"))
    assert (len(before["pairs"]), before["unpaired"]) == (2, [])
    assert challenges.call(OWNER, "PUT", f"/teams/{teams[1]['id']}/members/{ref}").status_code == 200
    proposal = body(challenges.call(OWNER, "GET", "/proposal"))
    [dropped] = [one for one in before["pairs"] if one not in proposal["pairs"]]
    assert ref in (dropped["mentor"], dropped["mentee"])
    alone = {one["ref"]: one for one in proposal["unpaired"]}
    assert alone.keys() == {dropped["mentor"], dropped["mentee"]}, "who is left alone is named"
    assert dropped["mentor"] in alone[dropped["mentee"]]["why"], "and why"
    assert challenges.service.publish_proposal(challenges.id)["pairs"] == len(proposal["pairs"]) == 1
    after = body(challenges.call(OWNER, "GET", "/proposal"))
    assert (len(after["pairs"]), after["unpaired"]) == (2, []), "once published it says what was proposed"


def test_person_without_team_is_named_before_publication_and_told(challenges: Challenges) -> None:
    challenges.challenge()
    challenges.people()
    alone = challenges.service.put(challenges.id, "alone", "mentor", organisation="AXA", languages=["ja"])
    for person in challenges.service.database.participants.find({"programme": challenges.id, "ref": {"$ne": "alone"}}):
        change = {"$set": {"languages": ["fr"]}}
        challenges.service.database.participants.update_one({"_id": person["_id"]}, change)
    proposal = challenges.service.propose(challenges.id)
    assert [(one["ref"], one["why"]) for one in proposal["left_out"]] == [("alone", "language")]
    refused = challenges.call(OWNER, "POST", "/publication", {})
    assert (problem(refused), body(refused)["unpaired"]) == ((409, "infeasible"), ["alone"])
    published = challenges.service.publish_proposal(challenges.id, with_unpaired=True)
    assert (published["teams"], published["unpaired"]) == (2, 1)
    assert challenges.service.messages("left-without-team", participant=alone.id)
    team = body(challenges.call(OWNER, "GET", "/teams"))["items"][0]
    path = f"/teams/{team['id']}/members/alone"
    assert problem(challenges.call(STRANGER, "PUT", path)) == (404, "not-found")
    for _ in range(2):
        placed = body(challenges.call(OWNER, "PUT", path))
        assert "alone" in [member["ref"] for member in placed["items"][0]["members"]]
        assert (placed["left_out"], placed["aims"]) == ([], [])
    assert len(challenges.service.messages("team-published", participant=alone.id)) == 1
    assert store.team_of(challenges.service.database, challenges.id, alone.id) is not None


def test_programme_without_challenges_has_no_teams_to_publish(challenges: Challenges) -> None:
    challenges.people()
    proposal = challenges.service.propose(challenges.id)
    assert {one["why"] for one in proposal["left_out"]} == {"no-challenge"}
    assert problem(challenges.call(OWNER, "POST", "/publication", {})) == (409, "infeasible")


def test_wish_makes_the_proposal_outdated(challenges: Challenges) -> None:
    made = challenges.challenge()
    challenges.people()
    challenges.teams(published=False)
    wish = {"wished_challenge": made["id"]}
    assert challenges.call(OWNER, "PATCH", "/participants/AXA-mentor", wish).status_code == 200
    assert problem(challenges.call(OWNER, "POST", "/publication", {})) == (409, "proposal-stale")


# Contributions.


class Running:
    """A published programme with one challenge, and the passes of its people."""

    def __init__(self, challenges: Challenges) -> None:
        self.challenges = challenges
        self.challenge = challenges.challenge()
        self.people = challenges.people()
        challenges.teams()
        self.path = f"{challenges.path}/challenges/{self.challenge['id']}"
        self.passes = {ref: challenges.service.pass_of(one) for ref, one in self.people.items()}

    def by(self, ref: str, method: str, path: str, json: Any = None, **headers: str) -> TestResponse:
        return self.challenges.service.by_pass(self.passes[ref], method, f"{self.path}{path}", json, **headers)

    def contribute(self, ref: str, **given: Any) -> dict[str, Any]:
        answer = self.by(ref, "POST", "/contributions", {"kind": "text", "text": "Fait."} | given)
        assert answer.status_code == 201, answer.text
        return body(answer)

    def board(self, ref: str) -> Any:
        return body(self.by(ref, "GET", "/board"))["milestones"]


@pytest.fixture
def running(challenges: Challenges) -> Running:
    return Running(challenges)


def test_contributions_appear_on_the_board_without_their_author(running: Running) -> None:
    step = running.challenge["milestones"][1]
    link = {"kind": "link", "url": "https://intranet.example/defi", "text": "Notre page", "milestone": step["id"]}
    made = running.contribute("AXA-mentor", **link)
    running.contribute("Colas-mentee", text="Un billet.")
    board = running.board("Colas-mentor")
    assert [row["title"] for row in board] == [*(one["title"] for one in running.challenge["milestones"]), None]
    shown = board[1]["teams"][0]["contributions"]
    assert shown == [{**made, "mine": False}]
    assert "Name of" not in str(board)
    assert running.board("AXA-mentor")[1]["teams"][0]["contributions"][0]["mine"]
    assert running.by("AXA-mentor", "GET", "/board").status_code == 200
    owner = running.challenges.service.get(OWNER, f"{running.path}/board")
    assert owner["title"] == running.challenge["title"]


def test_outsiders_neither_contribute_nor_read(running: Running) -> None:
    given = {"kind": "text", "text": "Fait."}
    service = running.challenges.service
    assert problem(service.call(OWNER, "POST", f"{running.path}/contributions", given)) == (404, "not-found")
    for path in ("/board", "/contributions/x/picture"):
        assert problem(service.call(STRANGER, "GET", f"{running.path}{path}")) == (404, "not-found")
    late = service.put(running.challenges.id, "late", "mentor", organisation="AXA")
    refused = service.by_pass(service.pass_of(late), "POST", f"{running.path}/contributions", given)
    assert problem(refused) == (409, "not-in-team")


def test_author_and_owner_withdraw_and_teammates_cannot(running: Running) -> None:
    service = running.challenges.service
    made = running.contribute("AXA-mentor")["id"]
    assert problem(running.by("Colas-mentee", "DELETE", f"/contributions/{made}")) == (404, "not-found")
    assert running.by("AXA-mentor", "DELETE", f"/contributions/{made}").status_code == 204
    other = running.contribute("AXA-mentor")["id"]
    assert service.call(OWNER, "DELETE", f"{running.path}/contributions/{other}").status_code == 204
    assert service.database.contributions.count_documents({"programme": running.challenges.id}) == 0
    assert [row["teams"] for row in running.board("AXA-mentor")] == [[]] * 5


def test_picture_is_shown_inside_the_programme_without_its_place(running: Running) -> None:
    photo = jpeg()
    assert b"GPS" in photo
    given = {"kind": "picture", "picture": base64.b64encode(photo).decode(), "text": "Notre atelier"}
    made = running.contribute("AXA-mentor", **given)
    path = f"/contributions/{made['id']}/picture"
    shown = running.by("Colas-mentee", "GET", path)
    assert (shown.status_code, shown.mimetype) == (200, "image/jpeg")
    assert b"GPS" not in shown.data
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert shown.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "no-store" in shown.headers["Cache-Control"]
    assert problem(running.challenges.service.call(STRANGER, "GET", f"{running.path}{path}")) == (404, "not-found")
    assert running.by("AXA-mentor", "DELETE", f"/contributions/{made['id']}").status_code == 204
    assert problem(running.by("Colas-mentee", "GET", path)) == (404, "not-found")
    assert running.challenges.service.database.pictures.count_documents({"_id": made["id"]}) == 0


@pytest.mark.parametrize(
    "given",
    [
        {"kind": "picture", "picture": "not base64!"},
        {"kind": "picture", "picture": base64.b64encode(b"<svg/>").decode()},
        {"kind": "link", "url": "https://me:secret@intranet.example/"},
        {"kind": "text", "text": "a" * 5_001},
        {"kind": "text", "text": "Fait.", "url": "https://intranet.example/"},
    ],
)
def test_contribution_of_wrong_content_is_refused(running: Running, given: dict[str, Any]) -> None:
    assert problem(running.by("AXA-mentor", "POST", "/contributions", given)) == (422, "invalid")


def test_repeated_contribution_with_its_key_is_one(running: Running) -> None:
    given = {"kind": "text", "text": "Fait."}
    twice = [running.by("AXA-mentor", "POST", "/contributions", given, Idempotency_Key="once") for _ in range(2)]
    assert body(twice[0]) == body(twice[1])
    assert running.challenges.service.database.contributions.count_documents({"programme": running.challenges.id}) == 1


def test_somebody_who_left_sees_neither_board_nor_teams(running: Running) -> None:
    gone = running.people["AXA-mentor"]
    running.challenges.service.database.participants.update_one({"_id": gone.id}, {"$set": {"state": "left"}})
    assert problem(running.by("AXA-mentor", "GET", "/board")) == (404, "not-found")
    path = f"{running.challenges.path}/teams"
    answer = running.challenges.service.by_pass(running.passes["AXA-mentor"], "GET", path)
    assert problem(answer) == (404, "not-found")
