"""Orange: a committee of twelve with young employees, nobody in their own line, and an executive who cancels twice."""

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from stories.nestle_waters import expect
from stories.programmes import orange
from stories.programmes.cast import MENTEE
from tests.stories.programmes import Programme, places_with, planted
from tests.stories.running import Running

NUDGED = "et si vous proposiez une date ?"


@dataclass
class Story:
    """The programme, its two proposals, and the published pairs."""

    programme: Programme
    short: Any
    """The proposal of eleven young employees for twelve."""
    proposal: Any
    """The one after the first of them agreed to take two."""
    pairs: list[dict[str, Any]]


@pytest.fixture(scope="module")
def story(system: Running, mails: Path) -> Iterator[Story]:
    """The programme until every pair is active; the tests look at it and go on."""
    body = {"name": orange.NAME, "kind": "pairing", "host": orange.HOST, "purpose": orange.PURPOSE}
    seats = orange.seats(secrets.token_hex(4))
    programme = Programme(system, mails, seats, **body, organisations=[orange.HOST])
    listed = json.dumps([seat.as_json() for seat in seats]).encode()
    assert programme.send_file(listed, "application/json")["accepted"] == 23
    short = programme.propose()
    programme.enter_all(orange.PURPOSE)
    kind = programme.guests[orange.DOUBLE]
    expect(kind.call("PATCH", f"{kind.path}/me", {"capacity": 2}), 200)
    stale = programme.owner.post(f"{programme.path}/publication")
    assert (stale.status_code, stale.json()["type"]) == (409, "urn:releve:problem:proposal-stale")
    proposal = programme.propose()
    programme.publish()
    for pair in proposal["pairs"]:
        programme.accept(pair)
    yield Story(programme, short, proposal, programme.pairs())
    programme.close()


def test_who_stays_alone_is_named_with_what_helps(story: Story) -> None:
    assert len(story.short["pairs"]) == 11
    [alone] = story.short["unpaired"]
    assert (alone["side"], bool(alone["why"]), bool(alone["change"])) == (MENTEE, True, True)


def test_one_more_place_gives_everybody_a_pair(story: Story) -> None:
    assert story.proposal["unpaired"] == []
    mentors = [pair["mentor"] for pair in story.proposal["pairs"]]
    assert len({pair["mentee"] for pair in story.proposal["pairs"]}) == len(mentors) == 12
    assert {ref for ref in mentors if mentors.count(ref) > 1} == {orange.DOUBLE}


def test_nobody_is_paired_in_their_own_line(story: Story) -> None:
    for pair in story.pairs:
        assert pair["mentee"] not in orange.line_of(pair["mentor"], story.programme.seats)


def test_second_proposal_keeps_as_many_pairs_as_it_can(story: Story) -> None:
    before = {(pair["mentor"], pair["mentee"]) for pair in story.short["pairs"]}
    now = {(pair["mentor"], pair["mentee"]) for pair in story.proposal["pairs"]}
    changes = {(one["mentor"], one["mentee"]): one["change"] for one in story.proposal["changes"]}
    assert {couple for couple, change in changes.items() if change == "kept"} == before & now
    assert {couple for couple, change in changes.items() if change == "added"} == now - before
    assert {couple for couple, change in changes.items() if change == "removed"} == before - now


def test_pair_meets_with_an_agenda_and_a_calendar(story: Story) -> None:
    programme, pair = story.programme, story.pairs[0]
    mentor, mentee = programme.two(pair)
    agendas = expect(mentee.get(f"{programme.pair_path(pair)}/agendas"), 200)["items"]
    assert len(agendas) == 6
    starts = (datetime.now(UTC) + timedelta(days=3)).replace(microsecond=0)
    body = {"starts_at": starts.isoformat(), "agenda": agendas[0]["id"], "note": "Apporter les chiffres."}
    session = expect(mentor.post(f"{programme.pair_path(pair)}/sessions", body), 201)
    mentee.letter("Votre rencontre :", mentor.name)
    calendar = mentee.get(f"{programme.path}/sessions/{session['id']}/calendar")
    assert (calendar.status_code, calendar.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    assert f"DTSTART:{starts:%Y%m%dT%H%M%SZ}" in calendar.text or "DTSTART;TZID=" in calendar.text
    assert "Apporter les chiffres." not in programme.owner.get(f"{programme.pair_path(pair)}/sessions").text


def test_executive_who_cancels_twice_costs_the_mentor_a_nudge(story: Story) -> None:
    programme, pair = story.programme, story.pairs[1]
    mentor, mentee = programme.two(pair)
    for days in (7, 14):
        starts = (datetime.now(UTC) + timedelta(days=days)).isoformat()
        session = expect(mentor.post(f"{programme.pair_path(pair)}/sessions", {"starts_at": starts}), 201)
        path = f"{programme.path}/sessions/{session['id']}"
        assert expect(mentee.call("PATCH", path, {"state": "cancelled"}), 200)["state"] == "cancelled"
    nudge = mentor.letter(NUDGED)
    assert mentee.name in nudge
    assert "annul" not in nudge, "a nudge blames nobody"
    assert expect(mentee.get(f"{programme.pair_path(pair)}/sessions"), 200)["items"]


def test_two_ended_pairs_exchange_partners_without_blame(story: Story) -> None:
    programme = story.programme
    ended = exchangeable(story)
    for pair in ended:
        _, mentee = programme.two(pair)
        body = {"reason": "no-fit", "rematch": True, "never_again": True}
        expect(mentee.post(f"{programme.pair_path(pair)}/end", body), 200)
    one, other = ended
    for pair, partner in ((one, other["mentee"]), (other, one["mentee"])):
        mentor, mentee = programme.two(pair)
        farewell = mentor.letter("votre binôme prend fin")
        assert mentee.name in farewell, "a mentor of two must know which pair it is"
        assert "Votre page permet de le dire, sans donner de raison" in farewell
        mentor.letter("un nouveau binôme pour vous")
        assert [new["mentee"] for new in mentor.pairs() if new["state"] == "proposed"] == [partner]
        for reader in (mentor, programme.owner):
            assert "never_again" not in reader.get(f"{programme.path}/pairs?limit=200").text
    kept = {(pair["mentor"], pair["mentee"]) for pair in story.pairs if pair not in ended}
    assert kept == {(pair["mentor"], pair["mentee"]) for pair in programme.pairs() if pair["state"] == "active"}


def exchangeable(story: Story) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two pairs whose mentors may take each other's mentee; neither is used by another test."""
    free = [pair for pair in story.pairs[2:] if pair["mentor"] != orange.DOUBLE]
    lines = {pair["mentor"]: orange.line_of(pair["mentor"], story.programme.seats) for pair in free}
    return next(
        (one, other)
        for one, other in combinations(free, 2)
        if other["mentee"] not in lines[one["mentor"]] and one["mentee"] not in lines[other["mentor"]]
    )


def test_no_name_is_in_a_topic_a_log_or_elsewhere(story: Story, system: Running) -> None:
    assert list(places_with(system, planted(story.programme.seats))) == []
