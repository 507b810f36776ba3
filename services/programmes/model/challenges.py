"""A challenge of a programme: a goal, dates, milestones, and what its teams contribute."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from chassis.facts import Refusal, not_found, wrong
from contracts.market import DAYS_ARE_MEANT_IN
from services.programmes.model.enrolling.words import skill_of
from services.programmes.model.goals import GOALS
from services.programmes.model.participants import Participant
from services.programmes.model.programme import BEFORE_PUBLICATION, CHALLENGE, CLOSED, Programme

MOST_CHALLENGES = 20
MOST_MILESTONES = 12
TEAM_SIZE, LEAST_TEAM, MOST_TEAM = 5, 2, 12
FIELDS = ("title", "text", "starts_on", "ends_on", "skills", "team_size")
FORMING = ("skills", "team_size")
"""The fields on which teams depend."""


@dataclass(frozen=True)
class Milestone:
    """A step of a challenge; ``due_on`` is a date as text, or None."""

    id: str
    title: str
    due_on: str | None = None


@dataclass
class Challenge:
    """A challenge. ``goal`` is one of `GOALS`, or None for the owner's own; dates are text (YYYY-MM-DD) or None."""

    id: str
    programme: str
    title: str
    text: str
    created_at: datetime
    goal: str | None = None
    starts_on: str | None = None
    ends_on: str | None = None
    skills: list[str] = field(default_factory=list)
    team_size: int = TEAM_SIZE
    milestones: list[Milestone] = field(default_factory=list)
    version: int = 0

    def milestone(self, milestone_id: str) -> Milestone:
        """One of its milestones; raises ``not-found``."""
        found = next((one for one in self.milestones if one.id == milestone_id), None)
        if found is None:
            raise not_found()
        return found

    def change(self, programme: Programme, body: Mapping[str, Any], ids: Sequence[str], in_use: Sequence[str]) -> None:
        """Changes it, until the programme is closed; what teams depend on, until they are published.

        A milestone keeps its id if the body gives it; ``ids`` are for new ones. ``in_use`` are the milestones with
        contributions. Raises ``wrong-state``, ``milestone-in-use``, ``invalid``.
        """
        if programme.state == CLOSED:
            programme.check_state(*BEFORE_PUBLICATION)
        body = _with_ids_of_skills(body)
        if any(name in body and body[name] != getattr(self, name) for name in FORMING):
            programme.people_changed(anybody=programme.state != "draft")
        for name in FIELDS:
            if name in body:
                setattr(self, name, body[name])
        if "milestones" in body:
            self._set_milestones(body["milestones"], ids, in_use)
        check_dates(self)

    def _set_milestones(self, given: Sequence[Mapping[str, Any]], ids: Sequence[str], in_use: Sequence[str]) -> None:
        known = {one.id for one in self.milestones}
        kept = [one["id"] for one in given if one.get("id")]
        if len(set(kept)) < len(kept) or not known.issuperset(kept):
            message = "Give the id of a milestone of this challenge, once, or none for a new one."
            raise _invalid("milestones", "unknown-milestone", message)
        if set(in_use) - set(kept):
            raise Refusal("milestone-in-use", "A milestone with contributions stays; its title and date may change.")
        self.milestones = _milestones(given, ids)


def new_challenge(
    id: str, programme: Programme, body: Mapping[str, Any], ids: Sequence[str], existing: int, now: datetime
) -> Challenge:
    """A challenge from a goal, whose texts fill what the body leaves out, or of the owner's own.

    ``ids`` are for its milestones. Raises ``wrong-kind``, ``wrong-state`` after the publication,
    ``too-many-challenges`` and ``invalid``.
    """
    check_kind(programme)
    programme.people_changed(anybody=programme.state != "draft")
    if existing >= MOST_CHALLENGES:
        raise Refusal("too-many-challenges", f"A programme has at most {MOST_CHALLENGES} challenges.")
    goal = GOALS[body["goal"]][programme.language] if body.get("goal") else None
    title = body.get("title") or (goal.title if goal else None)
    if title is None:
        raise _invalid("title", "missing", "Give a title, or one of the goals.")
    made = Challenge(id, programme.id, title, body.get("text") or (goal.text if goal else ""), now, body.get("goal"))
    given = _with_ids_of_skills(body)
    for name in FIELDS[2:]:
        if given.get(name) is not None:
            setattr(made, name, given[name])
    today = now.astimezone(DAYS_ARE_MEANT_IN).date().isoformat()
    if made.ends_on is not None and made.ends_on < today:
        raise _invalid("ends_on", "past-day", "This day is past.")
    check_dates(made)
    steps = body.get("milestones")
    if steps is None and goal:
        days = spread(made.starts_on, made.ends_on, len(goal.milestones))
        steps = [{"title": one, "due_on": day} for one, day in zip(goal.milestones, days, strict=True)]
    made.milestones = _milestones(steps or [], ids)
    check_dates(made)
    return made


def wish_for(
    participant: Participant, challenge: str | None, programme: Programme, challenges: Sequence[Challenge]
) -> None:
    """Records which challenge somebody asks for, or that they ask for none, before the publication.

    Raises ``wrong-state``, and ``invalid`` for a challenge of another programme.
    """
    programme.check_state(*BEFORE_PUBLICATION)
    if challenge is not None and challenge not in {one.id for one in challenges}:
        raise _invalid("wished_challenge", "unknown-challenge", "Give a challenge of this programme.")
    participant.wished_challenge = challenge


def copied(challenge: Challenge, id: str, programme: str, ids: Sequence[str], now: datetime) -> Challenge:
    """The same challenge for a copy of its programme, without dates."""
    steps = [replace(one, id=new, due_on=None) for one, new in zip(challenge.milestones, ids, strict=False)]
    return replace(
        challenge, id=id, programme=programme, milestones=steps, created_at=now, starts_on=None, ends_on=None, version=0
    )


def check_kind(programme: Programme) -> None:
    """Raises ``wrong-kind`` unless the programme is made of challenges."""
    if programme.kind != CHALLENGE:
        raise Refusal("wrong-kind", "This programme pairs people; it has no challenges.")


def check_dates(challenge: Challenge) -> None:
    """Raises ``invalid`` if the challenge ends before it starts, or a milestone lies outside."""
    starts, ends = challenge.starts_on, challenge.ends_on
    if starts and ends and ends < starts:
        raise _invalid("ends_on", "ends-before-start", "It ends before it starts.")
    for place, one in enumerate(challenge.milestones):
        if one.due_on and ((starts and one.due_on < starts) or (ends and one.due_on > ends)):
            raise _invalid(f"milestones.{place}.due_on", "day-outside", "This day is outside the challenge.")


def spread(starts_on: str | None, ends_on: str | None, count: int) -> list[str | None]:
    """Days for milestones, evenly between the two dates, the last one on the last day; None without both dates."""
    if starts_on is None or ends_on is None:
        return [None] * count
    first, last = date.fromisoformat(starts_on), date.fromisoformat(ends_on)
    days = (last - first).days
    return [(first + timedelta(days=days * number // count)).isoformat() for number in range(1, count + 1)]


def _with_ids_of_skills(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The body with skills by their ids where the vocabulary knows them, as in what people offer."""
    skills = body.get("skills")
    return body if skills is None else {**body, "skills": list(dict.fromkeys(map(skill_of, skills)))}


def _milestones(given: Sequence[Mapping[str, Any]], ids: Sequence[str]) -> list[Milestone]:
    fresh = iter(ids)
    return [Milestone(one.get("id") or next(fresh), one["title"], one.get("due_on")) for one in given]


def _invalid(name: str, code: str, message: str) -> Refusal:
    return Refusal("invalid", errors=[wrong(name, code, message)])
