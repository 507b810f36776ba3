"""The rules of challenges: goals, dates, milestones, contributions, teams' names, organisers and the board."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.facts import Refusal
from services.programmes.model.access import Standing
from services.programmes.model.challenges import Challenge, Milestone, copied, new_challenge, spread, wish_for
from services.programmes.model.contributions import (
    Contribution,
    check_content,
    contribute,
    is_public_link,
    may_withdraw,
)
from services.programmes.model.goals import GOALS
from services.programmes.model.organisers import Invited, accept, dismiss, invite
from services.programmes.model.participants import AGREED, MENTEE, MENTOR, OBJECTED, Participant
from services.programmes.model.programme import Organiser, Programme
from services.programmes.model.teampairs import Couples, not_in_one_team
from services.programmes.model.teams import Formation, LeftOut
from services.programmes.model.teams import Team as Formed
from services.programmes.model.teamwork import Team, Teamwork, announcements, forming, moved, teamwork
from services.programmes.views.board import board_view
from services.programmes.views.challenges import teams_view

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
IDS = [f"m{number}" for number in range(12)]
COMPANIES = ["AXA", "Colas"]


def programme(**changes: Any) -> Programme:
    made = Programme("p", "owner", "Défis", "challenge", NOW, COMPANIES)
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def challenge(**changes: Any) -> Challenge:
    made = Challenge("c", "p", "Un défi", "", NOW, milestones=[Milestone("m0", "Choisir"), Milestone("m1", "Faire")])
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def person(id: str, company: str = "AXA", **more: Any) -> Participant:
    return Participant(id, "p", id.upper(), f"Name {id}", f"{id}@x.example", MENTOR, NOW, organisation=company, **more)


def refused(action: Callable[[], Any]) -> str:
    with pytest.raises(Refusal) as caught:
        action()
    return caught.value.name


# Goals and challenges.


def test_goals_have_texts_and_milestones_in_both_languages() -> None:
    assert set(GOALS) == {"culture", "awareness", "advocacy", "tools"}
    for texts in GOALS.values():
        assert set(texts) == {"fr", "en"}
        for goal in texts.values():
            assert goal.title
            assert goal.text.endswith(".")
            assert 4 <= len(goal.milestones) <= 5
        assert len(texts["fr"].milestones) == len(texts["en"].milestones)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_goal_fills_what_a_challenge_leaves_out(language: str) -> None:
    body = {"goal": "tools", "starts_on": "2026-04-01", "ends_on": "2026-04-11", "text": "Nos mots."}
    made = new_challenge("c", programme(language=language), body, IDS, 0, NOW)
    assert (made.title, made.text) == (GOALS["tools"][language].title, "Nos mots.")
    assert tuple(one.title for one in made.milestones) == GOALS["tools"][language].milestones
    assert [one.due_on for one in made.milestones] == [f"2026-04-{day:02}" for day in (3, 5, 7, 9, 11)]
    assert [one.id for one in made.milestones] == IDS[:5]


def test_own_challenge_needs_a_title_and_has_its_own_milestones() -> None:
    assert refused(lambda: new_challenge("c", programme(), {}, IDS, 0, NOW)) == "invalid"
    body = {"title": "À nous", "milestones": [{"title": "Un pas", "due_on": None}], "team_size": 4, "skills": ["crm"]}
    made = new_challenge("c", programme(), body, IDS, 0, NOW)
    assert (made.goal, made.text, made.team_size, made.skills) == (None, "", 4, ["crm"])
    assert made.milestones == [Milestone("m0", "Un pas")]


@pytest.mark.parametrize(
    "body",
    [
        {"title": "X", "ends_on": "2026-03-01"},
        {"title": "X", "starts_on": "2026-05-02", "ends_on": "2026-05-01"},
        {"title": "X", "ends_on": "2026-05-01", "milestones": [{"title": "Tard", "due_on": "2026-05-02"}]},
        {"title": "X", "starts_on": "2026-05-01", "milestones": [{"title": "Tôt", "due_on": "2026-04-30"}]},
    ],
)
def test_dates_that_do_not_fit_are_refused(body: dict[str, Any]) -> None:
    assert refused(lambda: new_challenge("c", programme(), body, IDS, 0, NOW)) == "invalid"


def test_challenge_belongs_to_a_programme_of_challenges_before_publication() -> None:
    body = {"title": "X"}
    assert refused(lambda: new_challenge("c", programme(kind="pairing"), body, IDS, 0, NOW)) == "wrong-kind"
    assert refused(lambda: new_challenge("c", programme(state="published"), body, IDS, 0, NOW)) == "wrong-state"
    assert refused(lambda: new_challenge("c", programme(), body, IDS, 20, NOW)) == "too-many-challenges"


def test_new_challenge_makes_a_proposal_outdated() -> None:
    proposed, draft = programme(state="proposed"), programme()
    for one in (proposed, draft):
        new_challenge("c", one, {"title": "X"}, IDS, 0, NOW)
    assert (proposed.state, draft.state) == ("enrolling", "draft")


def test_changed_team_size_makes_a_proposal_outdated_until_publication() -> None:
    proposed = programme(state="proposed")
    challenge().change(proposed, {"text": "Mieux"}, IDS, [])
    challenge().change(proposed, {"team_size": 5}, IDS, [])
    assert proposed.state == "proposed"
    challenge().change(proposed, {"team_size": 4}, IDS, [])
    assert proposed.state == "enrolling"
    running = programme(state="running")
    assert refused(lambda: challenge().change(running, {"skills": ["crm"]}, IDS, [])) == "wrong-state"
    held = challenge()
    held.change(running, {"title": "Autre titre"}, IDS, [])
    assert held.title == "Autre titre"
    assert refused(lambda: challenge().change(programme(state="closed"), {"title": "X"}, IDS, [])) == "wrong-state"


def test_wish_is_for_a_challenge_of_the_programme_before_publication() -> None:
    somebody = person("a")
    wish_for(somebody, "c", programme(), [challenge()])
    assert somebody.wished_challenge == "c"
    assert refused(lambda: wish_for(somebody, "other", programme(), [challenge()])) == "invalid"
    assert refused(lambda: wish_for(somebody, None, programme(state="published"), [challenge()])) == "wrong-state"
    wish_for(somebody, None, programme(), [challenge()])
    assert somebody.wished_challenge is None


def test_skills_are_known_by_their_names_too() -> None:
    body = {"title": "X", "skills": ["Réseaux sociaux", "social-networks", "Bricolage"]}
    made = new_challenge("c", programme(), body, IDS, 0, NOW)
    assert made.skills == ["social-networks", "Bricolage"]
    proposed = programme(state="proposed")
    made.change(proposed, {"skills": ["réseaux sociaux", "Bricolage"]}, IDS, [])
    assert proposed.state == "proposed"


def test_milestones_keep_their_ids_and_those_in_use_stay() -> None:
    held = challenge()
    given = [{"title": "Nouveau"}, {"id": "m1", "title": "Bien faire"}]
    held.change(programme(), {"milestones": given}, ["n0"], ["m1"])
    assert held.milestones == [Milestone("n0", "Nouveau"), Milestone("m1", "Bien faire")]
    assert refused(lambda: challenge().change(programme(), {"milestones": []}, IDS, ["m1"])) == "milestone-in-use"
    for ids in (["m0", "m0"], ["other"]):
        body = {"milestones": [{"id": one, "title": "X"} for one in ids]}
        assert refused(lambda body=body: challenge().change(programme(), body, IDS, [])) == "invalid"  # type: ignore[misc]


def test_copy_of_a_challenge_has_no_dates() -> None:
    held = challenge(starts_on="2026-04-01", milestones=[Milestone("m0", "Choisir", "2026-04-02")], version=7)
    made = copied(held, "c2", "p2", ["n0"], NOW)
    assert (made.id, made.programme, made.title, made.starts_on, made.version) == ("c2", "p2", "Un défi", None, 0)
    assert made.milestones == [Milestone("n0", "Choisir")]


def test_milestones_without_both_dates_have_none() -> None:
    assert spread(None, "2026-04-01", 2) == [None, None]
    assert spread("2026-04-01", "2026-04-01", 2) == ["2026-04-01", "2026-04-01"]


# Contributions.


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("https://intranet.example/défi?a=1#b", True),
        ("http://[2001:db8::1]:8080/", True),
        ("https://user:secret@host.example/", False),
        ("https://user@host.example/", False),
        ("https://host.example\\@evil.example/", False),
        ("ftp://host.example/", False),
        ("javascript:alert(1)", False),
        ("https:///no-host", False),
        ("https://host.example/a b", False),
        ("https://host.example:port/", False),
        ("https://[::1", False),
        ("/relative", False),
    ],
)
def test_link_is_a_public_address_without_credentials(url: str, public: bool) -> None:
    assert is_public_link(url) == public


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"kind": "text", "text": "Fait."}, []),
        ({"kind": "link", "url": "https://x.example", "text": "Légende"}, []),
        ({"kind": "picture", "picture": "AAAA"}, []),
        ({"kind": "text", "text": ""}, ["text"]),
        ({"kind": "link", "text": "Sans lien"}, ["url"]),
        ({"kind": "link", "url": "ftp://x.example"}, ["url"]),
        ({"kind": "text", "text": "Et un lien", "url": "https://x.example"}, ["url"]),
        ({"kind": "picture"}, ["picture"]),
    ],
)
def test_content_fits_its_kind(body: dict[str, Any], fields: list[str]) -> None:
    assert [error["field"] for error in check_content(body)] == fields


def test_only_members_contribute_while_the_programme_runs() -> None:
    author, team, body = person("a"), Team("t", "p", "c", "Équipe 1", ("a",)), {"kind": "text", "text": "Fait."}

    def trying(state: str = "running", **changes: Any) -> Contribution:
        given: dict[str, Any] = {"challenge": challenge(), "team": team, "body": body, "held": 0} | changes
        standing = Standing(programme(state=state), participant=changes.pop("author", author))
        given.pop("author", None)
        return contribute("x", standing, given["challenge"], given["team"], given["body"], given["held"], NOW)

    assert trying() == trying(state="published") == Contribution("x", "p", "c", "t", "a", "text", NOW, "Fait.")
    assert trying(body={**body, "milestone": "m1"}).milestone == "m1"
    for changes, name in (
        ({"state": "closed"}, "wrong-state"),
        ({"state": "proposed"}, "wrong-state"),
        ({"team": None}, "not-in-team"),
        ({"challenge": challenge(id="other")}, "not-in-team"),
        ({"author": person("b")}, "not-in-team"),
        ({"author": person("a", state=OBJECTED)}, "not-in-team"),
        ({"author": None}, "not-found"),
        ({"held": 100}, "too-many-contributions"),
        ({"body": {"kind": "text"}}, "invalid"),
        ({"body": {**body, "milestone": "other"}}, "not-found"),
    ):
        assert refused(lambda changes=changes: trying(**changes)) == name, changes  # type: ignore[misc]


def test_author_and_owner_may_withdraw_and_others_not() -> None:
    held = Contribution("x", "p", "c", "t", "a", "text", NOW, "Fait.")
    assert may_withdraw(held, Standing(programme(), participant=person("a")))
    assert may_withdraw(held, Standing(programme(), runs=True))
    assert not may_withdraw(held, Standing(programme(), participant=person("b")))
    assert not may_withdraw(held, Standing(programme(), organisation="AXA"))


# The board.


def test_board_keeps_time_and_the_alphabet_and_names_nobody() -> None:
    teams = [Team("t2", "p", "c", "Équipe 2", ("b",)), Team("t1", "p", "c", "Équipe 1", ("a",))]
    done = [
        Contribution(f"x{number}", "p", "c", team, by, "text", NOW + timedelta(hours=number), "Fait.", milestone=step)
        for number, (team, by, step) in enumerate(
            [("t2", "b", "m1"), ("t2", "b", "m1"), ("t1", "a", "m1"), ("t2", "b", None), ("t1", "a", "gone")]
        )
    ]
    board = board_view(challenge(), teams, done, Standing(programme(), participant=person("a")))
    rows = [(row["id"], [(team["name"], [one["id"] for one in team["contributions"]]) for team in row["teams"]])
            for row in board["milestones"]]  # fmt: skip
    assert rows == [
        ("m0", []),
        ("m1", [("Équipe 1", ["x2"]), ("Équipe 2", ["x0", "x1"])]),
        (None, [("Équipe 1", ["x4"]), ("Équipe 2", ["x3"])]),
    ]
    shown = board["milestones"][1]["teams"][0]["contributions"][0]
    assert shown["mine"]
    assert set(shown) == {
        "id", "kind", "team", "milestone", "url", "text", "media_type", "created_at", "mine",
    }  # fmt: skip
    assert not board_view(challenge(), teams, done, Standing(programme(), runs=True))["milestones"][1]["teams"][0][
        "contributions"
    ][0]["mine"]


# Teams.


def test_forming_takes_active_people_with_their_line_and_wish() -> None:
    people = [
        person("a", wished_challenge="c"),
        person("b", manager_ref="X", offers=["crm"], languages=["fr"]),
        person("x", manager_ref="A", state=OBJECTED),
        person("d", "Colas", wished_challenge="deleted", confirmed=False),
        person("e", "Colas", wished_challenge="deleted"),
    ]
    made = forming(programme(), people, [challenge(id="c9", created_at=NOW + timedelta(1)), challenge(skills=["crm"])])
    assert [one.ref for one in made.candidates] == ["a", "b", "e"]
    assert [one.line for one in made.candidates] == [frozenset(), frozenset({"a"}), frozenset()]
    assert [one.wish for one in made.candidates] == ["c", None, None]
    assert [(call.id, call.skills) for call in made.calls] == [("c", ("crm",)), ("c9", ())]
    free = programme()
    free.rules = type(free.rules)(same_chain=True)
    assert all(not one.line for one in forming(free, people, [challenge()]).candidates)
    assert {ref for team in made.solve().teams for ref in team.members} <= {"a", "b", "e"}


def test_teams_are_named_in_the_programme_language() -> None:
    found = Formation(tuple(Formed("c", number, (f"a{number}",), "fr") for number in range(1, 12)))
    made = teamwork(programme(language="en"), found, [f"t{number}" for number in range(11)], NOW)
    assert [team.name for team in made.teams][:2] == ["Team 01", "Team 02"]
    assert [team.name for team in made.teams] == sorted(team.name for team in made.teams)


def test_everybody_is_told_of_their_team_or_that_they_have_none() -> None:
    found = Formation((Formed("c", 1, ("a", "b")),), (LeftOut("d", "c", "alone"),))
    work = teamwork(programme(), found, ["t1"], NOW)
    people = [person("a"), person("b", state=OBJECTED), person("d")]
    told = announcements(work, people, ["n1", "n2"], NOW)
    assert [(one.id, one.kind, one.participant, dict(one.data)) for one in told] == [
        ("n1", "team-published", "a", {"team": "t1"}),
        ("n2", "left-without-team", "d", {}),
    ]


def test_somebody_is_moved_by_hand_but_not_beside_their_superior() -> None:
    people = [person("a"), person("b", manager_ref="A"), person("d"), person("gone", state=OBJECTED)]
    teams = (Team("t1", "p", "c", "Équipe 1", ("a", "d")), Team("t2", "p", "c", "Équipe 2", ("x",)))
    aims = {"": [{"name": "sides", "value": 4, "bound": 4}]}
    work = Teamwork(teams, ({"participant": "b", "challenge": "c", "why": "line"},), aims)
    proposed = programme(state="proposed")
    placed = moved(work, proposed, "t2", people[1], people)
    assert [team.members for team in placed.teams] == [("a", "d"), ("x", "b")]
    assert (placed.left_out, placed.aims) == ((), {})
    assert [team.members for team in moved(work, proposed, "t2", people[2], people).teams] == [("a",), ("x", "d")]
    assert refused(lambda: moved(work, proposed, "t1", people[1], people)) == "own-line"
    assert refused(lambda: moved(placed, proposed, "t2", people[0], people)) == "own-line"
    assert refused(lambda: moved(work, proposed, "t3", people[0], people)) == "not-found"
    assert refused(lambda: moved(work, proposed, "t1", people[3], people)) == "not-found"
    assert refused(lambda: moved(work, programme(state="closed"), "t1", people[0], people)) == "wrong-state"
    proposed.rules = type(proposed.rules)(same_chain=True)
    assert moved(work, proposed, "t1", people[1], people).teams[0].members == ("a", "d", "b")


def test_each_reader_sees_the_teams_as_far_as_they_may() -> None:
    everybody = person("a", state=AGREED), person("b"), person("c", "Colas"), person("d", "Colas")
    people = {one.id: one for one in everybody}
    first = Team("t1", "p", "c", "Équipe 1", ("a", "b", "c"), published=True)
    teams = (first, Team("t2", "p", "c", "Équipe 2", ("d",)))
    aims = {"": [{"name": "sides", "value": 4, "bound": 4}]}
    work = Teamwork(teams, ({"participant": "d", "challenge": "c", "why": "line"},), aims)

    def seen(standing: Standing) -> Any:
        view = teams_view(work, people, standing)
        shown = [([one["name"] for one in team["members"]], team["others"]) for team in view["items"]]
        return shown, [one["ref"] for one in view["left_out"]], len(view["aims"])

    colas = {"organisation": "Colas", "people": 1}
    axa = {"organisation": "AXA", "people": 2}
    assert seen(Standing(programme(), runs=True)) == (
        [(["Name a", "Name b", "Name c"], []), (["Name d"], [])], ["D"], 1,
    )  # fmt: skip
    assert seen(Standing(programme(), organisation="Colas")) == ([(["Name c"], [axa]), (["Name d"], [])], ["D"], 0)
    assert seen(Standing(programme(), organisation="AXA")) == ([(["Name a", "Name b"], [colas]), ([], [colas])], [], 0)
    own = [(["Name a", "Name b"], [colas])]
    assert seen(Standing(programme(), participant=people["b"])) == (own, [], 0)
    assert seen(Standing(programme(), participant=people["d"])) == ([], [], 0)
    me = teams_view(work, people, Standing(programme(), participant=people["b"]))
    assert {one["ref"] for one in me["items"][0]["members"]} == {None}


# Organisers.


def test_organiser_is_invited_for_a_company_of_the_programme() -> None:
    invited = Invited("i", "p", "AXA", "eloise@axa.example", NOW)
    invite(programme(), invited, 49)
    assert refused(lambda: invite(programme(), invited, 50)) == "too-many-invitations"
    assert refused(lambda: invite(programme(state="closed"), invited, 0)) == "wrong-state"
    assert refused(lambda: invite(programme(), Invited("i", "p", "Engie", "x@x.example", NOW), 0)) == "invalid"


def test_organiser_runs_one_company_of_a_programme() -> None:
    one, axa, colas = programme(), Invited("i", "p", "AXA", "", NOW), Invited("j", "p", "Colas", "", NOW)
    accept(one, axa, "eloise")
    accept(one, axa, "eloise")
    assert one.organisers == [Organiser("eloise", "AXA")]
    assert refused(lambda: accept(one, colas, "eloise")) == "already-organiser"
    accept(one, colas, "baptiste")
    assert dismiss(one, "eloise")
    assert not dismiss(one, "eloise")
    assert one.organisers == [Organiser("baptiste", "Colas")]


# Pairs inside teams.


def test_pairs_inside_a_team_mix_companies_and_spare_couples_apart() -> None:
    people = {
        one.id: one
        for one in (
            person("m", "AXA", offers=["crm"]),
            replace(person("same", "AXA", wants=["crm"]), side=MENTEE),
            replace(person("other", "Colas"), side=MENTEE),
            replace(person("far", "Colas", wants=["crm"]), side=MENTEE),
        )
    }
    found = Formation((Formed("c", 1, ("m", "same", "other")), Formed("c", 2, ("far",))))
    couples = Couples(people, programme().rules)
    assert [(pair.mentor, pair.mentee) for pair in couples.within(found)] == [("m", "other")]
    assert replace(couples, apart=frozenset({("m", "other")})).within(found) == ()


def test_new_partners_come_from_the_same_team() -> None:
    teams = {"m": "t1", "n": None, "a": "t1", "b": "t2", "z": None}
    people = [replace(person(id), side=MENTOR if id in "mn" else MENTEE, team_id=team) for id, team in teams.items()]
    assert set(not_in_one_team(people)) == {("m", "b"), ("m", "z"), ("n", "a"), ("n", "b"), ("n", "z")}
