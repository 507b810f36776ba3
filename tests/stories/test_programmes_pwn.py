"""PWN: twenty executives with twenty young mentors, one to one, in two languages; one mentor leaves in the middle."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from contracts.vocabulary import SKILLS
from stories.nestle_waters import expect
from stories.people import client
from stories.programmes import pwn
from stories.programmes.cast import spreadsheet
from tests.stories.guests import Guest
from tests.stories.programmes import Programme, places_with, planted, strangers_read_by
from tests.stories.running import Running

TOLD = {"fr": f"{pwn.HOST} vous invite", "en": f"{pwn.HOST} invites you"}
READY = {"fr": "Votre binôme pour", "en": "Your pair for"}
BEGINS = {"fr": "votre binôme commence", "en": "your pair begins"}
ENDED = {"fr": "votre binôme prend fin", "en": "your pair comes to an end"}
CHANGED = {"fr": "un nouveau binôme pour vous", "en": "a new pair for you"}


@dataclass
class Story:
    """The programme, and what its owner and people were answered on the way."""

    programme: Programme
    enrolled: Any
    proposal: Any
    before_agreement: Any
    after_agreement: Any
    active: list[dict[str, Any]]

    def pair_of(self, ref: str) -> dict[str, Any]:
        """The proposed pair of somebody."""
        return next(pair for pair in self.proposal["pairs"] if ref in (pair["mentor"], pair["mentee"]))


@pytest.fixture(scope="module")
def story(system: Running, mails: Path) -> Iterator[Story]:
    """The programme until every pair is active; the tests look at it and go on."""
    body = {"name": pwn.NAME, "kind": "pairing", "host": pwn.HOST, "purpose": pwn.PURPOSE, "organisations": [pwn.HOST]}
    seats = pwn.seats(secrets.token_hex(4))
    programme = Programme(system, mails, seats, **body, rules={"cover": "both"})
    enrolled = programme.send_file(spreadsheet(seats))
    proposal = programme.propose()
    programme.publish()
    programme.enter_all(pwn.PURPOSE)
    first = proposal["pairs"][0]
    mentor, mentee = programme.two(first)
    mentee.agree()
    before = expect(mentee.get(f"{mentee.path}/pairs"), 200)["items"][0]
    mentor.agree()
    after = expect(mentee.get(f"{mentee.path}/pairs"), 200)["items"][0]
    active = [programme.accept(pair) for pair in proposal["pairs"]]
    yield Story(programme, enrolled, proposal, before, after, active)
    programme.close()


def test_windows_spreadsheet_enrols_all_forty(story: Story) -> None:
    assert (story.enrolled["accepted"], story.enrolled["rejected"], story.enrolled["warnings"]) == (40, [], [])
    page = expect(story.programme.owner.get(f"{story.programme.path}/participants?limit=200"), 200)
    assert (page["counts"]["mentors"], page["counts"]["mentees"], page["counts"]["agreed"]) == (20, 20, 40)
    stored = {person["ref"]: person for person in page["items"]}
    for seat in story.programme.seats:
        person = stored[seat.ref]
        assert (person["name"], person["email"], person["side"]) == (seat.name, seat.email, seat.side)
        assert (person["offers"], person["wants"]) == (list(seat.offers), list(seat.wants))
        assert (person["languages"], person["locale"]) == (list(seat.languages), seat.locale)


def test_each_reads_in_their_language_who_enrolled_them(story: Story) -> None:
    for guest in story.programme.guests.values():
        letter = guest.letter(pwn.PURPOSE)
        assert letter.startswith(TOLD[guest.locale])
        assert "claire@example.org" in letter
        guest.letter(BEGINS[guest.locale])
        subjects = [str(letter["Subject"]) for letter in guest.letters()]
        assert len(set(subjects)) == len(subjects), "nobody is told anything twice"


def test_everybody_is_paired_once_with_a_common_language(story: Story) -> None:
    assert story.proposal["unpaired"] == []
    pairs = story.proposal["pairs"]
    assert {pair["mentor"] for pair in pairs} | {pair["mentee"] for pair in pairs} == story.programme.guests.keys()
    assert len(pairs) == 20
    for pair in pairs:
        mentor, mentee = story.programme.two(pair)
        assert set(mentor.seat.languages) & set(mentee.seat.languages), pair


def test_reasons_are_in_the_readers_language(story: Story) -> None:
    owner, path = story.programme.owner, f"{story.programme.path}/proposal"
    english = expect(owner.call("GET", path, **{"Accept-Language": "en"}), 200)["pairs"]
    for french, pair in zip(story.proposal["pairs"], english, strict=True):
        mentor, mentee = story.programme.two(pair)
        assert pair["why"]
        common = set(mentor.seat.offers) & set(mentee.seat.wants)
        for skill in common:
            assert any(SKILLS[skill].fr.lower() in why.lower() for why in french["why"]), french
            assert any(SKILLS[skill].en.lower() in why.lower() for why in pair["why"]), pair


def test_name_is_shown_after_publication_and_agreement_alone(story: Story) -> None:
    mentor, _ = story.programme.two(story.proposal["pairs"][0])
    assert story.before_agreement["partner"] == {"name": None, "email": None}
    assert story.after_agreement["partner"] == {"name": mentor.name, "email": None}


def test_both_read_each_others_address_once_both_accepted(story: Story) -> None:
    for pair in story.proposal["pairs"]:
        mentor, mentee = story.programme.two(pair)
        for me, other in ((mentor, mentee), (mentee, mentor)):
            assert READY[me.locale] in me.letter(READY[me.locale])
            begins = me.letter(BEGINS[me.locale])
            assert other.name in begins
            assert other.email in begins
            [mine] = me.pairs()
            assert (mine["state"], mine["partner"]) == ("active", {"name": other.name, "email": other.email})


def test_progress_shows_numbers_and_nobody(story: Story) -> None:
    path = f"{story.programme.path}/progress"
    progress = story.programme.owner.until(path, lambda shown: (shown["overall"]["paired"] or 0) > 30 and shown)
    assert [(row["by"], row["value"], row["people"]) for row in progress["groups"] if row["by"] == "side"] == [
        ("side", "mentee", 20), ("side", "mentor", 20),
    ]  # fmt: skip
    assert not [word for word in planted(story.programme.seats) if word in str(progress)]


def test_mentor_who_leaves_is_replaced_by_one_with_room(story: Story) -> None:
    programme = story.programme
    leaving, mentee = programme.two(story.pair_of("d03"))
    others = {pair["mentee"]: pair["mentor"] for pair in programme.pairs() if pair["mentee"] != mentee.ref}
    expect(leaving.post(f"{leaving.path}/leaving"), 200)
    assert leaving.name not in mentee.letter(ENDED[mentee.locale])
    assert "1 personne attend un binôme" in programme.letter("attend un binôme")
    kind = next(guest for guest in programme.guests.values() if guest.seat.side == "mentor" and guest is not leaving
                and set(guest.seat.languages) & set(mentee.seat.languages))  # fmt: skip
    expect(kind.call("PATCH", f"{kind.path}/me", {"capacity": 2}), 200)
    mentee.letter(CHANGED[mentee.locale])
    new = next(pair for pair in mentee.pairs() if pair["state"] == "proposed")
    assert new["mentor"] == kind.ref
    assert programme.accept(new)["state"] == "active"
    now = {pair["mentee"]: pair["mentor"] for pair in programme.pairs() if pair["state"] == "active"}
    assert now == others | {mentee.ref: kind.ref}, "nobody else has another pair"


def test_stranger_and_other_participants_read_nothing(story: Story, system: Running) -> None:
    stranger = client(system.url, {"name": "Autre", "domains": [], "sector": "services", "size": "small",
                                   "contact": {"name": "Eve", "email": "eve@example.org"}})  # fmt: skip
    pair = story.proposal["pairs"][1]
    for path in ("", "/participants", "/proposal", "/pairs", "/progress"):
        assert stranger.get(story.programme.path + path).status_code == 404
    other = story.programme.two(story.proposal["pairs"][2])[0]
    assert other.get(f"{story.programme.pair_path(pair)}/sessions").status_code == 404
    assert other.get(f"{story.programme.path}/participants/{pair['mentee']}").status_code == 404
    assert other.get(f"{story.programme.path}/proposal").status_code == 401, "a pass is no account"
    assert [one["ref"] for one in expect(other.get(f"{other.path}/participants"), 200)["items"]] == [other.ref]


def test_no_name_is_in_a_topic_a_log_or_elsewhere(story: Story, system: Running) -> None:
    assert list(places_with(system, planted(story.programme.seats))) == []


def test_everybody_reads_their_own_partners_name_alone(story: Story) -> None:
    everybody = list(story.programme.guests.values())
    partners: dict[str, list[Guest]] = {guest.ref: [] for guest in everybody}
    for pair in story.programme.pairs():
        mentor, mentee = story.programme.two(pair)
        partners[mentor.ref].append(mentee)
        partners[mentee.ref].append(mentor)
    for guest in everybody:
        assert strangers_read_by(guest, partners[guest.ref], everybody) == [], guest.ref
