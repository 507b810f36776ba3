"""Dates for a mentor abroad use the profile's time zone unless the preferences name another."""

from stories.nestle_waters import ORGANISATION, expect
from stories.people import about, client, mentor
from tests.stories.running import Running

TOPICS = ["online-speaking"]
PREFERENCES = "/api/notifications/preferences"


def test_profiles_time_zone_is_the_default_for_dates(system: Running) -> None:
    person = mentor(system.url, "Zoé", TOPICS, timezone="America/Montreal")
    person.until(PREFERENCES, lambda shown: shown["timezone"] == "America/Montreal")
    company = client(system.url, ORGANISATION)
    body = {"title": "Parler en public", **about(TOPICS), "languages": ["fr"], "window": "PT2M"}
    project_id = str(expect(company.post("/api/projects", body), 201)["id"])
    assert "(heure de Montreal)" in person.notification("invited", project_id)["body"]
    expect(person.call("PUT", PREFERENCES, {"timezone": "Indian/Reunion"}), 200)
    expect(person.call("PUT", "/api/mentors/me", person.card | {"timezone": "Asia/Tokyo"}), 200)
    shown = person.until(
        "/api/notifications/export", lambda held: held["profile_timezone"] == "Asia/Tokyo" and held["preferences"]
    )
    assert shown["timezone"] == "Indian/Reunion"
    assert "(heure de La Réunion)" in person.notification("invited", project_id)["body"]
    assert expect(person.call("PUT", PREFERENCES, {}), 200)["timezone"] == "Asia/Tokyo"
