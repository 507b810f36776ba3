"""What mentors read of a client's sector, over HTTP and on a real MongoDB."""

from contracts.descriptors import descriptor
from contracts.sectors import SECTORS
from tests.kit.answers import body, problem
from tests.kit.examples import CLIENT, ORGANISATION, PROJECT
from tests.kit.market import Market
from tests.kit.services import event_of

HOME = "/api/organisations/me"
WORDS = ORGANISATION | {"sector": "Embouteillage à Vergèze"}


PREVIEW = "/api/projects/preview"


def test_preview_shows_leaks_view_topics_and_how_many_organisations_fit(mongo_uri: str) -> None:
    market = Market(mongo_uri)
    try:
        projects = market.projects
        assert problem(projects.call(CLIENT, "POST", PREVIEW, {})) == (409, "organisation-missing")
        projects.call(CLIENT, "PUT", HOME, ORGANISATION | {"sector_id": "food"})
        for number in range(5):
            other = ORGANISATION | {"name": f"Maison {number}", "sector_id": "energy", "siren": None}
            projects.call(f"client-{number}", "PUT", HOME, {name: one for name, one in other.items() if one})
        text = "Nestlé Waters veut monter ses réseaux sociaux et son CRM."
        seen = body(projects.call(CLIENT, "POST", PREVIEW, {"brief": text, "topics": ["crm"]}))
        found = [(one["field"], one["text"], one["certain"]) for one in seen["leaks"]]
        assert found == [("brief", "Nestlé Waters", True)]
        assert seen["mentors_see"] == {
            "title": "", "brief": text, "topics": ["crm"], "languages": [], "client": "grand groupe, agroalimentaire",
        }  # fmt: skip
        assert [one["id"] for one in seen["topics"]] == ["social-networks"]
        assert (seen["fitting_organisations"], seen["fitting_range"], seen["few"]) == (0, "under-5", True)
        assert seen["wordings"] == [
            {"shown": "size", "client": "grand groupe", "fitting_range": "5-to-19"},
            {"shown": "nothing", "client": "organisation", "fitting_range": "5-to-19"},
        ]
        general = {"brief": text, "client_shown": "size", "redact": True}
        seen = body(projects.call(CLIENT, "POST", PREVIEW, general, Accept_Language="en"))
        assert seen["mentors_see"]["brief"] == "[…] veut monter ses réseaux sociaux et son CRM."
        assert (seen["mentors_see"]["client"], seen["few"], seen["wordings"]) == ("large group", False, [])
        for name in ("projects", "outbox"):
            assert projects.database[name].count_documents({"title": {"$exists": True}}) == 0, "nothing is posted"
        posted = body(projects.call(CLIENT, "POST", "/api/projects", PROJECT | {"client_shown": "size"}))
        assert posted["client_shown"] == "size"
        [row] = projects.outbox(posted["id"])
        market.matching.hear("project.posted", posted["id"], **event_of(row).data)
        shortlist = market.matching.database.shortlists.find_one({"_id": posted["id"]}) or {}
        assert descriptor(shortlist["brief"]["descriptor"], "fr") == "grand groupe"
    finally:
        market.close()


def test_preview_is_no_oracle_about_other_organisations(mongo_uri: str) -> None:
    market = Market(mongo_uri)
    try:
        projects = market.projects
        projects.call(CLIENT, "PUT", HOME, ORGANISATION | {"sector_id": "food"})
        assert body(projects.call(CLIENT, "POST", PREVIEW, {}))["fitting_range"] == "under-5"
        for number in range(6):
            projects.call(f"client-{number}", "PUT", HOME, ORGANISATION | {"sector_id": "food"})
        assert body(projects.call(CLIENT, "POST", PREVIEW, {}))["fitting_range"] == "under-5", "the day's answer stays"
        assert body(projects.call("client-1", "POST", PREVIEW, {}))["fitting_range"] == "5-to-19"
        told = []
        for sector in list(SECTORS)[:11]:
            projects.call("client-2", "PUT", HOME, ORGANISATION | {"sector_id": sector})
            told.append(body(projects.call("client-2", "POST", PREVIEW, {}))["fitting_range"] is not None)
        assert told == [True] * 10 + [False], "ten descriptions a day"
        assert problem(projects.call("mentor-1", "POST", PREVIEW, {})) == (403, "forbidden")
        projects.hear("account.erased", "client-2", role="client")
        for name in ("fits", "previews"):
            assert projects.database[name].count_documents({"account": "client-2"}) == 0, name
        answers = [projects.call("client-1", "POST", PREVIEW, {}) for _ in range(125)]
        refused = [answer for answer in answers if answer.status_code == 429]
        assert problem(refused[0]) == (429, "rate-limited")
        assert 0 < int(refused[0].headers["Retry-After"]) <= 60
    finally:
        market.close()


def test_client_sees_and_chooses_the_sector_that_mentors_read(mongo_uri: str) -> None:
    market = Market(mongo_uri)
    try:
        projects = market.projects
        assert [row["id"] for row in projects.get(CLIENT, "/api/organisations/sectors")["items"]] == list(SECTORS)
        shown = body(projects.call(CLIENT, "PUT", HOME, WORDS))
        assert (shown["sector_shown"]["id"], "sector_id" in shown) == ("other", False)
        food = {"id": "food", "fr": "agroalimentaire", "en": "food industry"}
        assert body(projects.call(CLIENT, "PUT", HOME, WORDS | {"sector_id": "food"}))["sector_shown"] == food
        assert projects.get(CLIENT, HOME)["sector_id"] == "food"
        assert problem(projects.call(CLIENT, "PUT", HOME, WORDS | {"sector_id": "Vergèze"})) == (422, "invalid")
        project = body(projects.call(CLIENT, "POST", "/api/projects", PROJECT))["id"]
        [row] = projects.outbox(project)
        assert row["payload"]["descriptor"] == {"sector": "food", "size": ORGANISATION["size"], "shown": "both"}
        vault = projects.get(CLIENT, f"/api/projects/{project}/client")
        assert vault["organisation"]["sector"] == WORDS["sector"], "the chosen mentor reads the client's own words"
        assert "sector_id" not in body(projects.call(CLIENT, "PUT", HOME, WORDS)), "a PUT replaces all"
    finally:
        market.close()
