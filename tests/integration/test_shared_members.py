"""Organisations publish their members, and nothing else of themselves, on a real MongoDB."""

from datetime import timedelta
from typing import Any

import pytest

from chassis.migrations import COLLECTION, migrate
from chassis.mongo import Documents
from services.projects.migrations import MIGRATIONS
from tests.kit.answers import body
from tests.kit.examples import ORGANISATION
from tests.kit.keys import keys_of
from tests.kit.services import Running

SECOND = timedelta(seconds=1)
HOME = "/api/organisations/me"


@pytest.fixture
def projects(database: Documents) -> Running:
    """The service with an organisation of ``client-a``, which ``client-b`` joined."""
    projects = Running("projects", database)
    assert projects.call("client-a", "PUT", HOME, ORGANISATION).status_code == 200
    token = body(projects.call("client-a", "POST", f"{HOME}/invitations", {"role": "owner"}))["token"]
    assert projects.call("client-b", "POST", f"/api/organisations/invitations/{token}").status_code == 200
    return projects


def told(projects: Running) -> list[list[str]]:
    """The members as published, in order; all events have one subject, each with a later sequence."""
    rows = projects.facts("organisation.shared")
    assert len({row["subject"] for row in rows}) == 1
    assert len({row["sequence"] for row in rows}) == len(rows)
    return [row["payload"]["members"] for row in rows]


def test_members_are_published_when_they_join_and_leave(projects: Running) -> None:
    assert told(projects) == [["client-a"], ["client-a", "client-b"]]
    projects.call("client-a", "PUT", HOME, ORGANISATION | {"sector": "drinks"})
    projects.call("client-a", "PUT", f"{HOME}/members/client-b", {"role": "member"})
    assert len(told(projects)) == 2, "neither changed who acts for the organisation"
    assert projects.call("client-b", "DELETE", f"{HOME}/members/client-b").status_code == 204
    assert told(projects)[2:] == [["client-a"]]


def test_refused_changes_publish_nothing(projects: Running) -> None:
    projects.call("client-a", "PUT", f"{HOME}/members/client-b", {"role": "member"})
    assert projects.call("client-b", "DELETE", f"{HOME}/members/client-a").status_code == 403
    assert projects.call("client-a", "DELETE", f"{HOME}/members/client-a").status_code == 409
    assert projects.call("client-c", "POST", "/api/organisations/invitations/unknown").status_code == 404
    assert len(told(projects)) == 2


def test_erased_members_vanish_and_the_last_leaves_nobody(projects: Running) -> None:
    projects.hear("account.erased", "client-a", role="client")
    projects.hear("account.erased", "client-b", role="client")
    assert told(projects)[2:] == [["client-b"], []]
    assert projects.database.organisations.count_documents({}) == 0


def test_events_name_an_organisation_by_an_id_of_their_own(projects: Running) -> None:
    (stored,) = projects.database.organisations.find()
    (subject,) = {row["subject"] for row in projects.facts("organisation.shared")}
    assert subject == stored["shared_id"]
    assert subject not in (stored["_id"], "client-a", "client-b")
    assert subject not in str(projects.get("client-a", "/api/projects/export"))


def test_older_organisations_publish_their_members_once(database: Documents) -> None:
    members: dict[str, list[dict[str, Any]]] = {
        "client-a": [{"account": "client-a", "role": "owner"}, {"account": "client-b", "role": "member"}],
        "o": [{"account": "client-c", "role": "owner"}],
    }
    rows = [{"_id": id, **ORGANISATION, "members": of, "verified": False, "version": 7} for id, of in members.items()]
    database.organisations.insert_many(rows)
    for _ in range(2):  # the process died before the migration was recorded
        database[COLLECTION].delete_many({})
        migrate(database, MIGRATIONS, SECOND, keys=keys_of("projects"))
    projects = Running("projects", database)
    facts = projects.facts("organisation.shared")
    assert sorted(row["payload"]["members"] for row in facts) == [["client-a", "client-b"], ["client-c"]]
    assert {row["sequence"] for row in facts} == {8}
    assert not {row["subject"] for row in facts} & {"client-a", "client-b", "client-c", "o"}
    projects.hear("account.erased", "client-a", role="client")
    assert projects.facts("organisation.shared")[-1]["payload"] == {"members": ["client-b"]}
