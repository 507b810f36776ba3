"""Profiles, cards and invitations over HTTP, on a real MongoDB."""

from datetime import timedelta
from typing import Any

import pytest

from chassis.mongo import Documents, database_now
from tests.kit.answers import problem
from tests.kit.examples import PROFILE, PROJECT
from tests.kit.matching import Matching


@pytest.fixture
def world(database: Documents) -> Matching:
    return Matching(database)


def quote(world: Matching, project: str, account: str, sequence: int) -> None:
    world.hear("quote.submitted", project, sequence, account=account, quote_id=f"q-{account}", received=1)


def close(world: Matching, project: str, *quoted: str) -> None:
    quotes = [{"account": account, "quote_id": f"q-{account}", "mentor_id": "c"} for account in quoted]
    at = database_now(world.database)
    world.hear("window.closed", project, 50, reason="deadline", closed_at=at, quotes=quotes, digests=[])


# Profiles.


def test_profile_is_read_back_as_written_and_can_be_sent_again(world: Matching) -> None:
    assert problem(world.call("thomas", "GET", "/api/mentors/me")) == (404, "not-found")
    first = world.call("thomas", "PUT", "/api/mentors/me", PROFILE)
    defaults = {"weekly_invitations": 5, "timezone": "Europe/Paris", "paused": False}
    assert first.json == PROFILE | defaults
    read = world.call("thomas", "GET", "/api/mentors/me")
    assert (read.json, read.headers["ETag"]) == (first.json, first.headers["ETag"])
    assert world.call("thomas", "PUT", "/api/mentors/me", read.json).status_code == 200


def test_time_zone_is_published_when_it_changes(world: Matching) -> None:
    def announced() -> list[tuple[str, str]]:
        rows = list(world.database.outbox.find({"name": "profile.changed"}).sort("sequence", 1))
        card = world.get("thomas", "/api/mentors/export")["profile"]["id"]
        assert {row["subject"] for row in rows} <= {card}
        return [(row["payload"]["account"], row["payload"]["timezone"]) for row in rows]

    world.profile("thomas")
    assert announced() == [], "it is the default of every profile"
    world.profile("thomas", timezone="Asia/Tokyo")
    tag = world.call("thomas", "GET", "/api/mentors/me").headers["ETag"]
    world.profile("thomas", timezone="Asia/Tokyo", headline="Freelance")
    assert announced() == [("thomas", "Asia/Tokyo")]
    late = world.call("thomas", "PUT", "/api/mentors/me", PROFILE, If_Match=tag)
    assert problem(late) == (412, "stale")
    world.profile("thomas", timezone="Europe/Paris")
    assert announced() == [("thomas", "Asia/Tokyo"), ("thomas", "Europe/Paris")]


def test_mentor_with_another_time_zone_is_erased_like_any_other(world: Matching) -> None:
    for zone in ("Asia/Tokyo", "Indian/Reunion"):
        world.profile("thomas", timezone=zone)
    world.hear("account.erased", "thomas", 1, role="mentor")
    assert [(row["name"], row["sequence"]) for row in world.outbox("thomas")] == [("erasure.done", 1)]
    assert world.call("thomas", "PUT", "/api/mentors/me", PROFILE).status_code == 401
    assert world.database.profiles.count_documents({}) == 0


def test_profile_changed_since_it_was_read_is_not_overwritten(world: Matching) -> None:
    tag = world.call("thomas", "PUT", "/api/mentors/me", PROFILE).headers["ETag"]
    world.profile("thomas", headline="From another window")
    answer = world.call("thomas", "PUT", "/api/mentors/me", PROFILE | {"headline": "Late"}, If_Match=tag)
    assert problem(answer) == (412, "stale")
    assert world.get("thomas", "/api/mentors/me")["headline"] == "From another window"


def test_invitation_does_not_change_a_profiles_version(world: Matching) -> None:
    tag = world.call("thomas", "PUT", "/api/mentors/me", PROFILE).headers["ETag"]
    world.post("p")
    assert world.waves("p") == [{"thomas"}]
    assert world.call("thomas", "PUT", "/api/mentors/me", PROFILE, If_Match=tag).status_code == 200


def test_new_version_of_a_profile_keeps_its_card_and_weekly_count(world: Matching) -> None:
    world.profile("thomas", weekly_invitations=1)
    card = world.get("thomas", "/api/mentors/export")["profile"]["id"]
    world.post("p")
    world.profile("thomas", weekly_invitations=1)
    world.post("q")
    assert world.waves("q") == []
    assert world.get("thomas", "/api/mentors/export")["profile"]["id"] == card


def test_skill_outside_the_vocabulary_is_refused_with_suggestions(world: Matching) -> None:
    answer = world.call("thomas", "PUT", "/api/mentors/me", PROFILE | {"skills": ["crmm"]})
    assert problem(answer) == (422, "invalid")
    assert "crm" in (answer.json or {})["suggestions"]["crmm"]
    assert [error["field"] for error in (answer.json or {})["errors"]] == ["skills.0"]


def test_contact_data_on_a_card_is_refused(world: Matching) -> None:
    answer = world.call("thomas", "PUT", "/api/mentors/me", PROFILE | {"bio": "06 12 34 56 78"})
    assert problem(answer) == (422, "contact-data")


@pytest.mark.parametrize("path", ["/api/mentors/me", "/api/invitations", "/api/invitations/x"])
def test_mentors_routes_are_closed_to_clients(world: Matching, path: str) -> None:
    assert problem(world.call("client", "GET", path)) == (403, "forbidden")


# Skills.


def test_any_signed_in_caller_searches_the_vocabulary_in_both_languages(world: Matching) -> None:
    for query in ("réseaux sociaux", "social networks"):
        page = world.get("client", f"/api/skills?query={query}&limit=1")
        assert page["items"] == [{"id": "social-networks", "fr": "Réseaux sociaux", "en": "Social networks"}]


def test_whole_vocabulary_is_read_page_by_page(world: Matching) -> None:
    ids, path = [], "/api/skills?limit=100"
    while path:
        page = world.get("thomas", path)
        ids += [item["id"] for item in page["items"]]
        path = f"/api/skills?limit=100&cursor={page['next_cursor']}" if page["next_cursor"] else ""
    assert len(ids) == len(set(ids)) > 100
    assert problem(world.call("thomas", "GET", "/api/skills?limit=0")) == (422, "invalid")
    assert problem(world.call("thomas", "GET", "/api/skills?cursor=no")) == (422, "invalid")


# Cards.


def test_client_sees_cards_of_quoting_mentors_after_the_window(world: Matching) -> None:
    for name in ("a", "b", "c"):
        world.profile(name, display_name=f"Mentor {name}")
    world.post("p")
    quote(world, "p", "a", 2)
    quote(world, "p", "b", 3)
    path = "/api/mentors?project_id=p"
    assert problem(world.call("client", "GET", path)) == (404, "not-found")
    close(world, "p", "a", "b")
    items = world.get("client", path)["items"]
    assert {item["display_name"] for item in items} == {"Mentor a", "Mentor b"}
    shown = {"id", "display_name", "headline", "school", "bio", "skills", "languages"}
    assert all(item.keys() == shown for item in items)
    assert not {item["id"] for item in items} & {"a", "b", "c"}
    assert problem(world.call("another-client", "GET", path)) == (404, "not-found")
    assert problem(world.call("a", "GET", path)) == (403, "forbidden")
    assert problem(world.call("client", "GET", "/api/mentors")) == (422, "invalid")


def test_cards_of_several_projects_come_once_each(world: Matching) -> None:
    for name in ("a", "b", "c", "d"):
        world.profile(name, display_name=f"Mentor {name}")
    for project, quoted in (("p", "ab"), ("q", "bc"), ("r", "d")):
        world.post(project)
        if project != "r":
            close(world, project, *quoted)
    items = world.get("client", "/api/mentors?project_id=p&project_id=q&project_id=r&project_id=nothing")["items"]
    assert sorted(item["display_name"] for item in items) == ["Mentor a", "Mentor b", "Mentor c"]
    assert world.get("another-client", "/api/mentors?project_id=p&project_id=q")["items"] == []
    assert problem(world.call("client", "GET", "/api/mentors?project_id=r&project_id=r")) == (404, "not-found")


def test_cards_are_paged(world: Matching) -> None:
    for name in ("a", "b"):
        world.profile(name)
    world.post("p")
    close(world, "p", "a", "b")
    first = world.get("client", "/api/mentors?project_id=p&limit=1")
    path = f"/api/mentors?project_id=p&limit=1&cursor={first['next_cursor']}"
    second = world.get("client", path)
    assert first["items"] != second["items"]
    assert second["next_cursor"] is None


def test_cancelled_project_shows_no_cards(world: Matching) -> None:
    world.profile("a")
    world.post("p")
    close(world, "p", "a")
    world.hear("project.cancelled", "p", 2, reason="Changed our mind")
    assert problem(world.call("client", "GET", "/api/mentors?project_id=p")) == (404, "not-found")


# Invitations.


def only(world: Matching, account: str) -> dict[str, Any]:
    (invitation,) = world.invitations(account)
    return invitation


def test_invitation_shows_brief_descriptor_and_reasons_in_the_readers_language(world: Matching) -> None:
    world.profile("thomas")
    world.post("p", descriptor={"sector": "food", "size": "large"})
    french = only(world, "thomas")
    assert french.keys() == {"id", "project_id", "state", "brief", "closes_at", "sent_at", "why"}
    assert french["brief"] == {
        "title": PROJECT["title"],
        "brief": PROJECT["brief"],
        "topics": ["crm"],
        "languages": ["fr"],
        "client": "grande entreprise, agroalimentaire",
    }
    assert "Vous parlez la langue du projet : français." in french["why"]
    english = world.get("thomas", f"/api/invitations/{french['id']}", Accept_Language="en-GB,en;q=0.9")
    assert english["brief"]["client"] == "large company, food industry"
    assert "You speak the language of the project: French." in english["why"]


def test_invitation_goes_through_its_states(world: Matching) -> None:
    world.profile("thomas")
    world.post("p")
    assert only(world, "thomas")["state"] == "sent"
    assert world.get("thomas", f"/api/invitations/{only(world, 'thomas')['id']}")["state"] == "seen"
    assert only(world, "thomas")["state"] == "seen"
    at = database_now(world.database)
    world.hear("slot.claimed", "p", 2, account="thomas", expires_at=at)
    assert only(world, "thomas")["state"] == "claimed"
    world.hear("slot.released", "p", 3, account="thomas")
    assert only(world, "thomas")["state"] == "seen"
    quote(world, "p", "thomas", 4)
    assert only(world, "thomas")["state"] == "quoted"
    assert problem(world.decline("thomas", "p")) == (409, "already-quoted")
    close(world, "p", "thomas")
    assert only(world, "thomas")["state"] == "quoted"


def test_unanswered_invitation_is_closed_with_the_window(world: Matching) -> None:
    world.profile("thomas")
    world.post("p")
    close(world, "p")
    assert only(world, "thomas")["state"] == "closed"
    assert problem(world.decline("thomas", "p")) == (409, "window-ended")


def test_declining_after_the_deadline_is_refused_before_the_end_event_arrives(world: Matching) -> None:
    world.profile("thomas")
    world.post("p")
    past = database_now(world.database) - timedelta(seconds=1)
    world.database.shortlists.update_one({"_id": "p"}, {"$set": {"closes_at": past}})
    assert problem(world.decline("thomas", "p")) == (409, "window-ended")


def test_decline_is_stored_with_its_reason_and_published_without_it(world: Matching) -> None:
    world.profile("thomas")
    world.post("p")
    path = f"/api/invitations/{only(world, 'thomas')['id']}/decline"
    answer = world.call("thomas", "POST", path, {"reason": "On holiday"})
    assert (answer.status_code, (answer.json or {})["state"]) == (200, "declined")
    assert only(world, "thomas")["state"] == "declined"
    again = world.call("thomas", "POST", path)  # without a body
    assert (again.status_code, (again.json or {})["state"]) == (200, "declined")
    declined = [row for row in world.outbox("p") if row["name"] == "invitation.declined"]
    assert [row["payload"] for row in declined] == [{"account": "thomas"}]
    assert world.get("thomas", "/api/mentors/export")["invitations"][0]["reason"] == "On holiday"
    close(world, "p")
    assert only(world, "thomas")["state"] == "declined"


def test_declining_one_project_does_not_affect_the_next(world: Matching) -> None:
    for name in ("a", "b"):
        world.profile(name)
    world.post("p")
    world.decline("a", "p")
    world.post("q")
    assert world.waves("q") == [{"a", "b"}]


def test_another_mentors_invitation_is_not_found(world: Matching) -> None:
    world.profile("thomas")
    world.profile("emma", languages=["en"])
    world.post("p")
    path = f"/api/invitations/{only(world, 'thomas')['id']}"
    assert problem(world.call("emma", "GET", path)) == (404, "not-found")
    assert problem(world.call("emma", "POST", f"{path}/decline", {})) == (404, "not-found")
    assert world.invitations("emma") == []
    assert only(world, "thomas")["state"] == "sent"


def test_invitations_are_paged_newest_first(world: Matching) -> None:
    world.profile("thomas")
    for project in ("p", "q", "r"):
        world.post(project)
    page = world.get("thomas", "/api/invitations?limit=2")
    rest = world.get("thomas", f"/api/invitations?limit=2&cursor={page['next_cursor']}")
    assert [item["project_id"] for item in page["items"] + rest["items"]] == ["r", "q", "p"]
    assert rest["next_cursor"] is None


# Export.


def test_export_holds_a_mentors_data_and_no_shortlist_rank(world: Matching) -> None:
    world.profile("thomas", excluded_organisations=["Nestlé"])
    world.post("p")
    world.post("q", avoid_client=["Nestlé"])
    export = world.get("thomas", "/api/mentors/export")
    assert export["profile"].items() >= (PROFILE | {"excluded_organisations": ["Nestlé"]}).items()
    assert len(export["profile"]["invited_at"]) == 1
    assert [row["project_id"] for row in export["invitations"]] == ["p"]
    assert export["projects"] == []
    assert "'q'" not in str(export)


def test_export_holds_a_clients_projects_and_no_mentor(world: Matching) -> None:
    world.profile("thomas")
    world.post("p")
    export = world.get("client", "/api/mentors/export")
    assert (export["profile"], export["invitations"]) == (None, [])
    assert [row["project_id"] for row in export["projects"]] == ["p"]
    assert "thomas" not in str(export)
