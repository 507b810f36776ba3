"""The story of Nestlé Waters and Thomas through the gateway, and that the client's identity stays sealed."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chassis.mongo import connect
from contracts.events import EVENTS
from contracts.parts import DATABASES
from stories import nestle_waters
from stories.nestle_waters import BRIEF, Cast, expect, perform
from stories.people import pause
from stories.timeline import Timeline, Watcher
from tests.kit.databases import everything
from tests.kit.waiting import until
from tests.stories.mails import mails_to, text_of
from tests.stories.running import Running
from tests.stories.topics import everything_in_kafka

SECRETS = ("Nestl", "nestle", "NWMT", "Marchand", "70 00 00 42", "Zyrqual", "zyrqual", "Ombeline")
MARKED = nestle_waters.ORGANISATION | {
    "aliases": ["NWMT", "Zyrqual"],
    "people": ["Hélène Marchand-Duval", "Ombeline Zyrqual"],
    "domains": ["nestle-waters.com", "zyrqual.example"],
}


@pytest.fixture(scope="module")
def cast(system: Running) -> Iterator[Cast]:
    """The story, played once; the tests inspect its results."""
    watcher = Watcher(system.kafka)
    nestle_waters.ORGANISATION, plain = MARKED, nestle_waters.ORGANISATION
    try:
        cast = perform(system.url, Timeline(watcher, print))
    finally:
        nestle_waters.ORGANISATION = plain
    yield cast
    pause(cast.mentors)
    watcher.close()


def test_story_completes(cast: Cast) -> None:
    project = expect(cast.client.get(f"/api/projects/{cast.project_id}"), 200)
    assert project["state"] == "awarded"
    assert project["ended"]["quotes"] == 5
    assert project["ended"]["reason"] == "deadline"
    assert project["quote_id"] == cast.quote_ids["Thomas"]


def test_round_shows_the_receipts_digests_to_all(cast: Cast) -> None:
    for person in (cast.client, *cast.mentors):
        round = expect(person.get(f"/api/rounds/{cast.project_id}"), 200)
        assert (round["state"], round["reason"], len(round["digests"])) == ("closed", "deadline", 5)
    mine = expect(cast.thomas.get(f"/api/quotes?project_id={cast.project_id}"), 200)["items"][0]
    assert mine["receipt"]["digest"] in round["digests"]
    assert mine["outcome"] == "accepted"


def test_each_mentor_reads_only_their_own_quote(cast: Cast) -> None:
    for person in cast.mentors:
        quotes = expect(person.get(f"/api/quotes?project_id={cast.project_id}"), 200)["items"]
        mine = [quote_id for name, quote_id in cast.quote_ids.items() if name == person.name]
        assert [quote["id"] for quote in quotes] == mine


@pytest.mark.parametrize(
    ("name", "kind", "french", "english"),
    [
        ("Thomas", "chosen", "retenu", "chosen"),
        ("Inès", "not-chosen", "retenu", "chosen"),
        ("Emma", "not-chosen", "retenu", "chosen"),
        ("Sofia", "round-over", "attend plus", "no more"),
    ],
)
def test_notifications_and_mails_are_in_the_recipients_language(
    cast: Cast, mails: Path, name: str, kind: str, french: str, english: str
) -> None:
    person = next(mentor for mentor in cast.mentors if mentor.name == name)
    told = person.notification(kind, cast.project_id)
    expected = french if person.locale == "fr" else english
    assert expected in told["title"]
    mail = until(lambda: [m for m in mails_to(mails, person.email) if m["Subject"] == told["title"]])
    assert len(mail) == 1  # type: ignore[arg-type]


def test_client_is_notified_of_the_end_by_stream_and_list(cast: Cast) -> None:
    assert [news["kind"] for news in cast.heard].count("window-ended") == 1
    listed = cast.client.notification("window-ended", cast.project_id)
    assert listed["id"] == next(news["id"] for news in cast.heard if news["kind"] == "window-ended")
    assert "5 devis" in listed["title"]


def test_every_mentor_gets_one_invitation_and_one_outcome(cast: Cast) -> None:
    for person in cast.mentors:
        told = expect(person.get("/api/notifications?limit=200"), 200)["items"]
        kinds = [news["kind"] for news in told if news["project_id"] == cast.project_id]
        assert kinds.count("invited") == 1
        assert len({"chosen", "not-chosen", "round-over"} & set(kinds)) == 1


def test_mentors_see_the_posted_brief_with_only_a_descriptor(cast: Cast) -> None:
    brief = cast.thomas.invitation(cast.project_id)["brief"]
    assert brief["brief"] == BRIEF
    assert brief.keys() == {"title", "brief", "topics", "languages", "client"}


def leaks(text: str) -> list[str]:
    return [secret for secret in SECRETS if re.search(secret, text)]


def test_clients_name_is_in_no_event(cast: Cast, system: Running) -> None:
    messages = everything_in_kafka(system.kafka)
    assert any(cast.project_id in message for message in messages)
    assert [found for message in messages if (found := leaks(message))] == []


def test_clients_name_is_in_no_log_line(cast: Cast, system: Running) -> None:
    logs = {path.name: path.read_text(errors="replace") for path in system.logs.glob("*.log")}
    assert cast.project_id in logs["quotes-worker.log"]
    assert {name: leaks(text) for name, text in logs.items() if leaks(text)} == {}
    assert not any(cast.client.email in text for text in logs.values())


def test_only_the_reveal_shows_the_clients_name_to_a_mentor(cast: Cast) -> None:
    for person in cast.mentors:
        revealing = [text for text in person.heard if leaks(text)]
        assert len(revealing) == (1 if person is cast.thomas else 0)
        assert not [text for text in person.heard if cast.client.id in text]
    assert '"organisation"' in next(text for text in cast.thomas.heard if leaks(text))


def test_no_mentors_account_id_is_in_a_response_to_the_client(cast: Cast) -> None:
    for person in cast.mentors:
        assert not [text for text in cast.client.heard if person.id in text]


def test_clients_name_is_in_no_mail_to_a_mentor(cast: Cast, mails: Path) -> None:
    sofia = cast.others[4]  # she did not quote, so her invitation mail never became stale
    until(lambda: len(mails_to(mails, sofia.email)) == 2 and mails_to(mails, cast.thomas.email))
    for person in cast.mentors:
        for message in mails_to(mails, person.email):
            assert not leaks(message.as_string() + text_of(message))


def test_only_accounts_and_projects_store_the_clients_name(cast: Cast, system: Running) -> None:
    told = {"projects", *EVENTS["project.posted", 1].consumers}

    def holds(service: str) -> bool:
        database = connect(system.mongo_uri, f"releve_{service}", app="test")
        rows: list[Any] = [row for some in everything(database).values() for row in some]
        database.client.close()
        assert any(cast.project_id in str(row) for row in rows) or service not in told
        return any(leaks(str(row)) for row in rows)

    assert [name for name in DATABASES if name != "accounts" and holds(name)] == ["projects"]


def test_stranger_gets_404_for_every_resource_of_the_parties(cast: Cast, system: Running) -> None:
    stranger = nestle_waters.client(system.url, nestle_waters.ORGANISATION)
    for path in (
        f"/api/projects/{cast.project_id}",
        f"/api/projects/{cast.project_id}/client",
        f"/api/rounds/{cast.project_id}",
        f"/api/quotes?project_id={cast.project_id}",
        f"/api/mentors?project_id={cast.project_id}",
    ):
        expect(cast.client.get(path), 200)
        expect(stranger.get(path), 404)
