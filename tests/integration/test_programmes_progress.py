"""Progress on a real MongoDB: who reads which rows, when they are updated, and that nobody's answer shows."""

from datetime import timedelta
from typing import Any

import pytest

from chassis.mongo import Documents
from services.programmes import store
from services.programmes.model.pairs import Pair, pair_id
from services.programmes.model.participants import Participant
from tests.kit.answers import problem
from tests.kit.programmes import COLLEAGUE, OWNER, STRANGER, Programmes

ORGANISER = "client-organiser"
STATEMENTS = ("data", "asking")


class Progressing(Programmes):
    """The service with a published programme of two companies: 8 mentors of AXA, 12 mentees of Engie."""

    def __init__(self, database: Documents) -> None:
        super().__init__(database)
        self.id = self.create(organisations=["AXA", "Engie"])
        self.mentors = [self._enrol("mentor", "AXA", place) for place in range(8)]
        self.mentees = [self._enrol("mentee", "Engie", place) for place in range(12)]
        organisers = [{"account": ORGANISER, "organisation": "AXA"}]
        self.database.programmes.update_one({"_id": self.id}, {"$set": {"organisers": organisers}})

    def _enrol(self, side: str, organisation: str, place: int) -> Participant:
        given: dict[str, Any] = {"organisation": organisation, "state": "agreed"}
        return self.put(self.id, f"{side}-{place}", side, **given)

    def publish(self) -> None:
        """Eight active pairs, and four mentees without one."""
        pairs = [self._pair(*two) for two in zip(self.mentors, self.mentees, strict=False)]

        def store_pairs(unit: Any) -> None:
            store.add_pairs(unit, pairs)
            store.begin_progress(unit, self.id, unit.now)

        self.work.run(store_pairs)

    def _pair(self, mentor: Participant, mentee: Participant) -> Pair:
        named = pair_id(self.id, mentor.id, mentee.id)
        return Pair(named, self.id, mentor.id, mentee.id, self.now, state="active", published=True)

    def hold(self, number: int, session: str = "s") -> None:
        """A session of each of the first pairs."""
        pairs = [row["_id"] for row in self.database.pairs.find({"programme": self.id}).sort("_id").limit(number)]
        common = {"programme": self.id, "state": "held"}
        self.database.sessions.insert_many([{"_id": f"{session}{pair}", "pair": pair, **common} for pair in pairs])

    def answer(self, people: list[Participant], before: int, after: int) -> None:
        """Both self-assessments of these people."""
        answers = {moment: dict.fromkeys(STATEMENTS, value) for moment, value in (("start", before), ("end", after))}
        ids = [one.id for one in people]
        self.database.participants.update_many({"_id": {"$in": ids}}, {"$set": {"assessments": answers}})

    def update(self) -> None:
        """The next update takes place."""
        self.database.progress.update_one({"_id": self.id}, {"$set": {"due_at": self.now}})
        self.fire_in("progress", self.id)

    def progress(self, who: str = OWNER, query: str = "") -> Any:
        return self.get(who, f"/api/programmes/{self.id}/progress{query}")


@pytest.fixture
def programme(database: Documents) -> Progressing:
    return Progressing(database)


def row(progress: Any, by: str, value: str) -> Any:
    return next(one for one in progress["groups"] if (one["by"], one["value"]) == (by, value))


def test_everything_is_withheld_in_words_before_the_publication(programme: Progressing) -> None:
    shown = programme.progress()
    assert shown["overall"]["withheld"]
    assert shown["overall"]["reason"].startswith("Les chiffres commencent avec la publication")
    assert programme.progress(query="?locale=en")["overall"]["reason"].startswith("Figures begin")
    assert (shown["groups"], shown["history"], shown["totals"]) == ([], [], None)


def test_owner_reads_sides_companies_and_totals(programme: Progressing) -> None:
    programme.publish()
    programme.hold(7)
    programme.update()
    shown = programme.progress()
    overall, mentors = shown["overall"], row(shown, "side", "mentor")
    assert (overall["people"], overall["agreed"], overall["paired"], overall["sessions_each"]) == (20, 20, 16, 0.7)
    assert shown["totals"] == {"pairs": 8, "ended": 0, "sessions": 7}
    assert (mentors["label"], mentors["people"], mentors["sessions_each"]) == ("Mentors", 8, 0.9)
    assert row(shown, "organisation", "Engie")["people"] == 12
    assert [point["sessions"] for point in shown["history"]] == [7]


def test_two_sessions_between_two_readings_change_nothing(programme: Progressing) -> None:
    programme.publish()
    programme.update()
    before = programme.progress()
    programme.hold(2)
    programme.update()
    after = programme.progress()
    assert after.pop("next_update_at") > before.pop("next_update_at")
    assert after == before
    programme.hold(3, "t")
    programme.update()
    assert programme.progress() == {**before, "next_update_at": programme.progress()["next_update_at"]}, "three a side"
    programme.hold(5, "u")
    programme.update()
    assert programme.progress()["totals"]["sessions"] == 2 + 3 + 5


def test_organiser_reads_own_company_and_changes_of_everybody(programme: Progressing) -> None:
    programme.publish()
    programme.answer(programme.mentors + programme.mentees, 2, 3)
    programme.update()
    shown = programme.progress(ORGANISER)
    assert (shown["organisation"], shown["overall"]["people"]) == ("AXA", 8)
    assert (shown["totals"], shown["history"]) == (None, [])
    assert row(shown, "side", "mentee")["withheld"]
    assert (shown["overall"]["changes"]["people"], shown["everybody"]["people"]) == (8, 20)


def test_changes_are_withheld_until_six_of_a_side_answered(programme: Progressing) -> None:
    programme.publish()
    programme.answer(programme.mentors[:5], 1, 3)
    programme.update()
    changes = programme.progress()["overall"]["changes"]
    assert (changes["withheld"], changes["mean"], changes["statements"]) == (True, None, [])
    programme.answer(programme.mentors[:6], 2, 3)
    programme.update()
    changes = programme.progress()["overall"]["changes"]
    assert changes == {
        "withheld": False, "reason": None, "people": 6, "mean": 1.0,
        "statements": [{"side": "mentor", "statement": name, "people": 6, "mean": 1.0} for name in sorted(STATEMENTS)],
    }  # fmt: skip


def test_nobody_else_reads_progress(programme: Progressing) -> None:
    programme.publish()
    path = f"/api/programmes/{programme.id}/progress"
    for who in (STRANGER, COLLEAGUE, "thomas"):
        assert problem(programme.call(who, "GET", path)) == (404, "not-found")
    theirs = programme.pass_of(programme.mentors[0])
    assert problem(programme.by_pass(theirs, "GET", path)) == (404, "not-found")
    programme.share("org-1", OWNER, COLLEAGUE)
    assert programme.progress(COLLEAGUE) == programme.progress()


def test_update_is_due_again_after_the_setting(database: Documents) -> None:
    programme = Progressing(database)
    programme.publish()
    programme.update()
    due = programme.database.progress.find_one({})["due_at"]  # type: ignore[index]
    assert timedelta(days=6) < due - programme.now <= timedelta(days=7)
