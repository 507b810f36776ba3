"""What a client of the API reads at once, and a mentor's drafts, over HTTP and on a real MongoDB."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from chassis.ids import new_id
from services.projects.model.reports import MODERATED
from tests.kit.answers import body, problem
from tests.kit.examples import CLIENT, ORGANISATION, TERMS, card, mentor, posted_data
from tests.kit.market import Market, quote_of
from tests.kit.waiting import until

DRAFT = {"proposal": "  Deux ateliers, puis", "price": "3 9oo", "currency": "EUR", "days": "", "starts_on": "7 déc."}
QUERY = "/api/rounds?project_id={}&project_id={}&project_id={}"


@pytest.fixture(scope="module")
def market(mongo_uri: str) -> Iterator[Market]:
    found = Market(mongo_uri)
    yield found
    found.close()


def test_rounds_of_several_projects_are_read_at_once(market: Market) -> None:
    [first], [second] = market.rounds(1, quoted=2, claimed=1), market.rounds(1, quoted=5)
    [foreign] = market.rounds(1, clients=["client-of-another"], client="client-of-another")
    found = market.quotes.get(CLIENT, QUERY.format(second.id, first.id, foreign.id))["items"]
    assert [one["project_id"] for one in found] == [second.id, first.id], "in the order asked, without another's"
    assert [(one["invited"], one["claimed"], one["received"]) for one in found] == [(6, 0, 5), (6, 1, 2)]
    claiming, other = mentor(first.id, 3), mentor(first.id, 4)
    [own] = market.quotes.get(claiming, QUERY.format(first.id, second.id, foreign.id))["items"]
    assert own == market.quotes.get(claiming, f"/api/rounds/{first.id}")
    assert own["expires_at"]
    assert own["currency"] == "EUR"
    assert {"invited", "claimed", "received", "slots"}.isdisjoint(own), "counts are the client's"
    assert "expires_at" not in market.quotes.get(other, f"/api/rounds/{first.id}")
    assert problem(market.quotes.call(CLIENT, "GET", "/api/rounds")) == (422, "invalid")


@pytest.mark.parametrize("path", ["/api/rounds/{}", "/api/rounds?project_id={}"])
def test_round_is_sent_again_only_to_whom_it_has_something_new(market: Market, path: str) -> None:
    [round] = market.rounds(1, quoted=1)
    where, watching = path.format(round.id), mentor(round.id, 5)

    def look(who: str, tag: str = "") -> tuple[int, str]:
        answer = market.quotes.call(who, "GET", where, **({"If_None_Match": tag} if tag else {}))
        assert bool(answer.data) == (answer.status_code == 200)
        return answer.status_code, answer.headers["ETag"]

    client_tag, mentor_tag = look(CLIENT)[1], look(watching)[1]
    assert look(CLIENT, client_tag) == (304, client_tag)
    assert look(CLIENT, f'"older", W/{client_tag}') == (304, client_tag), "compared weakly, as a proxy may have sent it"
    assert look(watching, client_tag) == (200, mentor_tag), "another reader reads something else"
    assert market.quote(round.id, 2).status_code == 201
    assert look(CLIENT, client_tag)[0] == 200
    assert look(watching, mentor_tag) == (304, mentor_tag), "a tag must not tell a mentor of another's quote"
    for number in (3, 4, 6):
        assert market.quote(round.id, number).status_code == 201
    assert look(watching, mentor_tag)[0] == 200, "no slot is free"


def test_end_and_its_reason_are_read_by_whom_they_concern(market: Market) -> None:
    [cancelled, refused] = market.rounds(2, quoted=1)
    market.quotes.hear("project.cancelled", cancelled.id, reason="Reporté.", by="moderation")
    for who in (CLIENT, mentor(cancelled.id, 1), mentor(cancelled.id, 6)):
        shown = market.quotes.get(who, f"/api/rounds/{cancelled.id}")
        assert (shown["ended_by"], shown["ended_for"]) == ("moderation", "Reporté.")
    market.put_ends({refused.id: market.quotes.now - timedelta(seconds=1)}, [refused])
    market.quotes.fire(refused.id)
    market.quotes.hear("project.refused", refused.id, reason="Trop cher.", by="client")
    shown = market.quotes.get(mentor(refused.id, 1), f"/api/rounds/{refused.id}")
    assert (shown["reason"], shown["ended_for"]) == ("deadline", "Trop cher.")
    assert "ended_for" not in market.quotes.get(mentor(refused.id, 6), f"/api/rounds/{refused.id}")
    market.quotes.hear("project.shared", refused.id, 2, clients=[], ended=True)
    assert "ended_for" not in market.quotes.get(mentor(refused.id, 1), f"/api/rounds/{refused.id}"), "words go"


def test_mentor_reads_own_quotes_over_all_projects(market: Market) -> None:
    who, ids = "mentor-of-many", []
    for number in range(3):
        project_id = new_id()
        ids.append(project_id)
        market.quotes.hear("project.posted", project_id, **posted_data(title=f"P{number}", posted_at=market.quotes.now))
        market.quotes.hear("mentors.invited", project_id, 1, mentors=[card(who)])
        assert market.quotes.call(who, "POST", "/api/quotes", quote_body(project_id)).status_code == 201
    market.quotes.hear("project.cancelled", ids[0], 2, reason="Non.")
    page = market.quotes.get(who, "/api/quotes/mine?limit=2")
    rest = market.quotes.get(who, f"/api/quotes/mine?limit=2&cursor={page['next_cursor']}")
    found = [*page["items"], *rest["items"]]
    assert [(one["title"], one["project_id"]) for one in found] == [(f"P{n}", ids[n]) for n in (2, 1, 0)]
    assert [one.get("outcome") for one in found] == [None, None, "destroyed"]
    assert market.quotes.get("mentor-of-none", "/api/quotes/mine")["items"] == []
    assert problem(market.quotes.call(who, "GET", "/api/quotes")) == (422, "invalid")


def quote_body(project_id: str) -> dict[str, Any]:
    return {**TERMS, "project_id": project_id}


def test_draft_is_its_mentors_alone_and_ends_with_the_quote(market: Market) -> None:
    [round] = market.rounds(1, quoted=5, close_early=False)
    path, who, other = f"/api/rounds/{round.id}/draft", mentor(round.id, 6), mentor(round.id, 5)
    quotes = market.quotes
    assert problem(quotes.call(who, "GET", path)) == (404, "not-found")
    saved = quotes.call(who, "PUT", path, DRAFT)  # although the round is full: a slot may become free
    assert {name: body(saved)[name] for name in DRAFT} == DRAFT, "neither trimmed nor judged"
    assert quotes.get(who, path) == body(saved)
    assert problem(quotes.call(other, "GET", path)) == (404, "not-found")
    assert problem(quotes.call("mentor-of-nobody", "PUT", path, DRAFT)) == (404, "not-found")
    assert problem(quotes.call(CLIENT, "GET", path)) == (403, "forbidden")
    tag = saved.headers["ETag"]
    assert quotes.call(who, "PUT", path, {"proposal": "b"}, If_Match=tag).status_code == 200
    assert problem(quotes.call(who, "PUT", path, DRAFT, If_Match=tag)) == (412, "stale")
    assert problem(quotes.call(who, "PUT", path, {"proposal": "x" * 20_001})) == (422, "invalid")
    assert [one["proposal"] for one in quotes.get(who, "/api/quotes/export")["drafts"]] == ["b"]
    assert market.withdraw(round.id, 1).status_code == 204
    assert market.quote(round.id, 6).status_code == 201
    assert problem(quotes.call(who, "GET", path)) == (404, "not-found")
    assert quotes.call(who, "PUT", path, DRAFT).status_code == 200, "for a revision"
    [own] = quotes.get(who, f"/api/quotes?project_id={round.id}")["items"]
    assert quotes.call(who, "PATCH", f"/api/quotes/{own['id']}", {"days": 2}).status_code == 200
    assert problem(quotes.call(who, "GET", path)) == (404, "not-found"), "the revision has taken it over"
    assert quotes.call(who, "PUT", path, DRAFT).status_code == 200
    assert quotes.call(who, "DELETE", path).status_code == 204
    assert problem(quotes.call(who, "DELETE", path)) == (404, "not-found")


def test_drafts_end_with_the_window_the_invitation_and_the_account(market: Market) -> None:
    [round] = market.rounds(1)
    path, quotes = f"/api/rounds/{round.id}/draft", market.quotes
    for number in range(1, 4):
        assert quotes.call(mentor(round.id, number), "PUT", path, DRAFT).status_code == 200
    quotes.hear("invitation.declined", round.id, account=mentor(round.id, 1))
    assert problem(quotes.call(mentor(round.id, 1), "PUT", path, DRAFT)) == (409, "declined")
    quotes.hear("account.erased", mentor(round.id, 2), role="mentor")
    kept = [row["account"] for row in quotes.database.drafts.find({"project_id": round.id})]
    assert kept == [mentor(round.id, 3)]
    market.put_ends({round.id: quotes.now - timedelta(seconds=1)}, [round])
    assert problem(quotes.call(mentor(round.id, 3), "PUT", path, DRAFT)) == (409, "window-ended")
    quotes.fire(round.id)
    assert quotes.database.drafts.count_documents({"project_id": round.id}) == 0


def test_projects_are_listed_by_state_with_times_and_tasks(market: Market) -> None:
    [collecting], [choosing], [won] = market.posted(1), market.posted(1, received=1), market.posted(1, received=2)
    projects, winner = market.projects, mentor(won, 1)
    projects.hear("mentors.invited", collecting, mentors=[card("mentor-a")])
    projects.call("mentor-a", "POST", f"/api/projects/{collecting}/questions", {"text": "Combien de personnes ?"})
    assert market.choose(won, "acceptance", quote_id=quote_of(winner)).status_code == 200
    listed = projects.get(CLIENT, "/api/projects?state=collecting&state=choosing")["items"]
    known = {one["id"]: one for one in listed if one["id"] in (collecting, choosing, won)}
    assert list(known) == [choosing, collecting]
    assert known[collecting]["unanswered"] == 1
    assert "choose_until" in known[choosing]
    assert "unanswered" not in known[choosing]
    assert problem(projects.call(CLIENT, "GET", "/api/projects?state=lost")) == (422, "invalid")
    [mine] = projects.get(winner, "/api/projects")["items"]
    assert (mine["id"], mine["state"]) == (won, "awarded")
    assert mine["awarded_at"]
    assert {"choose_until", "unanswered"}.isdisjoint(mine), "the client's tasks"
    assert projects.get(mentor(won, 2), "/api/projects")["items"] == []
    review = {"rating": 5, "comment": "Merci."}
    assert projects.call(winner, "POST", f"/api/projects/{won}/completion", review).status_code == 200
    mine, theirs = (projects.get(who, f"/api/projects/{won}") for who in (winner, CLIENT))
    assert (mine["my_review"]["comment"], "my_review" in theirs, "reviews" in theirs) == ("Merci.", False, False)
    assert mine["reviews_at"] == theirs["reviews_at"]
    assert projects.call(CLIENT, "POST", f"/api/projects/{won}/completion", review).status_code == 200
    assert projects.get(CLIENT, f"/api/projects/{won}")["completed_at"]
    [shown] = projects.payloads(won, "reviews.shown")
    assert shown == {"account": winner, "reviews": 2}


def test_only_review_shows_once_its_period_is_over(market: Market) -> None:
    [won] = market.posted(1, received=1)
    projects, winner = market.projects, mentor(won, 1)
    assert market.choose(won, "acceptance", quote_id=quote_of(winner)).status_code == 200
    review, path = {"rating": 5, "comment": "Merci."}, f"/api/projects/{won}"
    assert projects.call(CLIENT, "POST", f"{path}/completion", review).status_code == 200
    projects.fire(won)
    assert projects.payloads(won, "reviews.shown") == []
    row = projects.database.projects.find_one({"_id": won})
    assert row["due_at"] == row["reviews"][0]["at"] + projects.config.review_period
    earlier = dict.fromkeys(("due_at", "reviews_due"), row["due_at"] - 2 * projects.config.review_period)
    earlier["reviews.0.at"] = row["reviews"][0]["at"] - 2 * projects.config.review_period
    projects.database.projects.update_one({"_id": won}, {"$set": earlier})
    with projects.timers(2):
        until(lambda: projects.payloads(won, "reviews.shown"))
    assert "due_at" not in projects.database.projects.find_one({"_id": won})
    assert projects.get(winner, path)["reviews"][0]["comment"] == "Merci."
    assert projects.call(winner, "POST", f"{path}/completion", review).status_code == 200
    assert [one["reviews"] for one in projects.payloads(won, "reviews.shown")] == [1, 2], "the late one shows at once"


def test_project_says_why_and_by_whom_it_ended(market: Market) -> None:
    [first, second, third] = market.posted(3)
    assert body(market.choose(first, "cancellation", reason="Reporté."))["ended_by"] == "client"
    assert market.projects.get(CLIENT, f"/api/projects/{first}")["ended_for"] == "Reporté."
    for project_id, more, told in ((second, {}, MODERATED), (third, {"explanation": "Du travail gratuit."}, None)):
        report = market.projects.call(CLIENT, "POST", f"/api/projects/{project_id}/reports", {"reason": "Un essai."})
        path = f"/api/operations/reports/{body(report)['id']}/resolution"
        answer = {"action": "project-cancelled", "note": "Abus.", **more}
        resolved = market.projects.call("operator-1", "POST", path, answer, role="operator")
        assert body(resolved)["resolution"].keys() == {"action", "note", "at"}
        shown = market.projects.get(CLIENT, f"/api/projects/{project_id}")
        assert (shown["ended_by"], shown["ended_for"]) == ("moderation", told or "Du travail gratuit.")
        [cancelled] = market.projects.payloads(project_id, "project.cancelled")
        assert cancelled == {"reason": MODERATED, "by": "moderation"}, "which mentors read"
    payloads = [market.projects.payloads(one, "project.cancelled")[0]["by"] for one in (first, second)]
    assert payloads == ["client", "moderation"]


def test_invitations_are_found_by_project_and_while_open(market: Market) -> None:
    matching, who = market.matching, "mentor-invited"
    ids = [new_id() for _ in range(4)]
    for project_id in ids:
        matching.hear("project.posted", project_id, **posted_data(posted_at=matching.now))
    rows = [
        {"_id": f"i-{one}", "project_id": one, "account": who, "created_at": matching.now, "seen_at": None, "why": []}
        for one in ids
    ]
    matching.database.invitations.insert_many([{**row, "version": 1} for row in rows])
    matching.hear("project.cancelled", ids[0], 2, reason="Non.")
    matching.hear("window.closed", ids[1], 2, reason="full", closed_at=matching.now, quotes=[], digests=[])
    assert matching.call(who, "POST", f"/api/invitations/i-{ids[2]}/decline").status_code == 200
    still = matching.get(who, "/api/invitations?state=open")["items"]
    assert [one["project_id"] for one in still] == [ids[3]]
    assert still[0]["sent_at"]
    ends = {one["project_id"]: one.get("end") for one in matching.get(who, "/api/invitations")["items"]}
    assert ends == {ids[0]: "cancelled", ids[1]: "full", ids[2]: None, ids[3]: None}
    [found] = matching.get(who, f"/api/invitations?project_id={ids[1]}")["items"]
    assert found["id"] == f"i-{ids[1]}"
    assert matching.get(who, f"/api/invitations?project_id={ids[1]}&state=open")["items"] == []
    assert matching.get("mentor-other", f"/api/invitations?project_id={ids[3]}")["items"] == []


def test_colleagues_have_names_and_open_invitations_can_be_taken_back(market: Market) -> None:
    projects, home = market.projects, "/api/organisations/me"
    assert projects.call("client-named", "PUT", home, ORGANISATION).status_code == 200
    owner, colleague = "client-named", "client-colleague"
    assert projects.get(owner, f"{home}/members")["items"] == [{"id": owner, "role": "owner"}]
    named = body(projects.call(owner, "PUT", f"{home}/members/me", {"display_name": "Hélène"}))
    assert projects.get(owner, f"{home}/members")["items"] == [named]
    assert named["display_name"] == "Hélène"
    assert problem(projects.call(owner, "PUT", f"{home}/members/me", {"display_name": "www.a.com"})) == (422, "invalid")
    assert problem(projects.call("client-without", "PUT", f"{home}/members/me", {"display_name": "A"})) == (
        404, "not-found",
    )  # fmt: skip
    made = [body(projects.call(owner, "POST", f"{home}/invitations", {"role": "member"})) for _ in range(2)]
    listed = projects.get(owner, f"{home}/invitations")["items"]
    assert [sorted(one) for one in listed] == [["expires_at", "id", "role"]] * 2
    assert all(one["token"] not in str(listed) for one in made)
    assert projects.call(colleague, "POST", f"/api/organisations/invitations/{made[0]['token']}").status_code == 200
    [left] = projects.get(colleague, f"{home}/invitations")["items"]
    path = f"{home}/invitations/{left['id']}"
    assert problem(projects.call(colleague, "DELETE", path)) == (403, "forbidden")
    assert problem(projects.call("client-without", "DELETE", path)) == (404, "not-found")
    assert projects.call(owner, "DELETE", path).status_code == 204
    assert problem(projects.call(owner, "DELETE", path)) == (404, "not-found")
    late = projects.call("client-late", "POST", f"/api/organisations/invitations/{made[1]['token']}")
    assert problem(late) == (404, "not-found")
    role = body(projects.call(owner, "PUT", f"{home}/members/{owner}", {"role": "owner"}))
    assert role["display_name"] == "Hélène", "a new role keeps the name"
