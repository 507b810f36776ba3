"""Nudges: who is asked, when, and that nobody is asked twice in one silence."""

from datetime import UTC, datetime, timedelta
from typing import Any

from services.programmes.model import nudges
from services.programmes.model.pairs import ACTIVE, ENDED_EARLY, Pair
from services.programmes.model.sessions import Session, new_session

START = datetime(2031, 1, 6, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
SILENCE = 21 * DAY


def active_pair() -> Pair:
    pair = Pair("p:a:b", "p", "a", "b", START - 5 * DAY, state=ACTIVE)
    nudges.start(pair, SILENCE, START)
    return pair


class Life:
    """A pair with its sessions; time passes by a day, and each step is taken when it is due."""

    def __init__(self) -> None:
        self.pair, self.now = active_pair(), START
        self.sessions: list[Session] = []
        self.taken: list[tuple[str, int]] = []

    def until(self, day: int) -> list[tuple[str, int]]:
        """Lets time pass until the end of this day; returns the steps taken since the last call, with their days."""
        before = len(self.taken)
        while self.now <= START + day * DAY:
            if step := nudges.next_step(self.pair, self.now):
                self.taken.append((step, (self.now - START).days))
                nudges.step_taken(self.pair, SILENCE, self.now)
            self.now += DAY
        return self.taken[before:]

    def log(self, day: int, **body: Any) -> Session:
        """Logs a session that starts on this day."""
        starts_at = START + day * DAY
        one = new_session(f"s{len(self.sessions)}", self.pair, {"starts_at": starts_at, **body}, "", self.now)
        self.sessions.append(one)
        self.told()
        return one

    def change(self, one: Session, **body: Any) -> None:
        one.change(body, self.now)
        self.told()

    def told(self) -> None:
        nudges.note_sessions(self.pair, self.sessions, SILENCE)


def test_silence_reaches_mentor_then_mentee_then_owner_once() -> None:
    life = Life()
    assert life.until(20) == []
    assert life.until(365) == [("mentor", 21), ("mentee", 28), ("owner", 35)]
    assert life.pair.due_at is None


def test_held_session_ends_the_silence() -> None:
    life = Life()
    life.until(19)
    life.log(18, state="held")
    assert life.until(38) == []
    assert life.until(80) == [("mentor", 39), ("mentee", 46), ("owner", 53)]


def test_session_held_after_the_first_nudge_stops_the_next() -> None:
    life = Life()
    assert life.until(24) == [("mentor", 21)]
    life.log(23, state="held")
    assert life.until(43) == []
    assert life.until(44) == [("mentor", 44)]


def test_session_recorded_late_brings_no_second_nudge_at_once() -> None:
    life = Life()
    assert life.until(29) == [("mentor", 21), ("mentee", 28)]
    life.log(5, state="held")
    assert life.until(48) == []
    assert life.until(49) == [("mentor", 49)]


def test_two_cancelled_sessions_in_a_row_are_noticed_at_once() -> None:
    life = Life()
    first, second = life.log(10), life.log(12)
    life.until(9)
    life.change(first, state="cancelled")
    assert life.until(11) == []
    life.change(second, state="cancelled")
    assert life.pair.cancelled_in_a_row == 2
    assert life.until(30) == [("mentor", 12), ("mentee", 19), ("owner", 26)]


def test_cancelled_sessions_with_a_held_one_between_are_no_row() -> None:
    life = Life()
    first, held, last = life.log(9), life.log(12), life.log(15)
    life.until(8)
    life.change(first, state="cancelled")
    life.until(13)
    life.change(held, state="held")
    life.change(last, state="cancelled")
    assert life.pair.cancelled_in_a_row == 1
    assert life.until(32) == []
    assert life.until(33) == [("mentor", 33)]


def test_nobody_is_nudged_in_the_first_week() -> None:
    life = Life()
    first, second = life.log(2), life.log(3)
    life.change(first, state="cancelled")
    life.change(second, state="cancelled")
    assert life.until(6) == []
    assert life.until(7) == [("mentor", 7)]


def test_session_ahead_holds_the_nudges_back() -> None:
    life = Life()
    life.until(15)
    life.log(40)
    assert life.until(60) == []
    assert life.until(61) == [("mentor", 61)]


def test_session_planned_after_a_nudge_holds_the_next_one_back() -> None:
    life = Life()
    assert life.until(22) == [("mentor", 21)]
    one = life.log(35)
    assert life.until(41) == []
    assert life.until(42) == [("mentee", 42)]
    life.change(one, state="held")
    assert life.until(62) == []


def test_third_cancelled_session_brings_no_second_nudge_to_the_mentor() -> None:
    life = Life()
    for day in (10, 11):
        life.change(life.log(day), state="cancelled")
    life.until(8)
    third = life.log(12)
    life.change(third, state="cancelled")
    assert life.until(100) == [("mentee", 14), ("owner", 21)]
    assert [step for step, _ in life.taken] == ["mentor", "mentee", "owner"]


def test_pair_that_has_ended_is_left_alone() -> None:
    life = Life()
    life.pair.state = ENDED_EARLY
    assert life.until(100) == []
    nudges.stop(life.pair)
    life.told()
    assert life.pair.due_at is None


def test_pauses_follow_the_period_of_silence() -> None:
    pair = active_pair()
    nudges.start(pair, timedelta(seconds=9), START)
    assert pair.due_at == START + timedelta(seconds=9)
    nudges.step_taken(pair, timedelta(seconds=9), START + timedelta(seconds=9))
    assert pair.due_at == START + timedelta(seconds=12)
