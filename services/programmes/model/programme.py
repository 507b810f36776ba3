"""A programme: who runs it, its rules and the states that it goes through."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from chassis.facts import Refusal, wrong

PAIRING, CHALLENGE = "pairing", "challenge"
KINDS = (PAIRING, CHALLENGE)
DRAFT, ENROLLING, PROPOSED, PUBLISHED, RUNNING, CLOSED = (
    "draft",
    "enrolling",
    "proposed",
    "published",
    "running",
    "closed",
)
STATES = (DRAFT, ENROLLING, PROPOSED, PUBLISHED, RUNNING, CLOSED)
BEFORE_PUBLICATION = (DRAFT, ENROLLING, PROPOSED)
UNDER_WAY = (PUBLISHED, RUNNING)
COVERS = ("mentees", "mentors", "both")
LANGUAGES = ("fr", "en")
MOST_CAPACITY = 20
ANSWER_WITHIN = timedelta(days=7)


@dataclass(frozen=True)
class Rules:
    """The rules that pairs must follow.

    - `cross_company`: both sides come from different companies.
    - `same_chain`, `same_team`: people of one reporting line, or of one team, may be paired.
    - `capacity`, `mentee_capacity`: how many mentees a mentor takes, and mentors a mentee has, unless they say another
      number themselves.
    - `cover`: the side of which as many as possible must be paired.
    - `answer_within`: how long both sides may take to accept a published pair.
    """

    cross_company: bool = False
    same_chain: bool = False
    same_team: bool = False
    capacity: int = 1
    mentee_capacity: int = 1
    cover: str = "mentees"
    answer_within: timedelta = ANSWER_WITHIN


@dataclass(frozen=True)
class Organiser:
    """An account that organises a programme for one of its companies, and sees that company's people only."""

    account: str
    organisation: str


@dataclass
class Programme:
    """A programme. ``organisation`` is the opaque id of the owner's organisation, None until it is known.

    ``organisations`` are the companies that take part, as people write them. ``host`` is the company that participants
    read as the one that enrolled them, ``purpose`` says why, and ``contact`` holds ``name`` and ``email`` of the person
    who answers their questions. ``proposal`` is the id of its present proposal. ``quiet_told_at`` is when
    the owner last learned how many pairs do not meet. ``due_at`` is its next deadline.
    """

    id: str
    owner: str
    name: str
    kind: str
    created_at: datetime
    organisations: list[str] = field(default_factory=list)
    rules: Rules = Rules()
    language: str = "fr"
    purpose: str = ""
    host: str = ""
    contact: Mapping[str, str] | None = None
    organisation: str | None = None
    organisers: list[Organiser] = field(default_factory=list)
    state: str = DRAFT
    proposal: str = ""
    copied_from: str | None = None
    published_at: datetime | None = None
    closed_at: datetime | None = None
    quiet_told_at: datetime | None = None
    due_at: datetime | None = None
    version: int = 0

    @property
    def shown_host(self) -> str:
        """The company that participants read as the one that enrolled them."""
        return self.host or (self.organisations[0] if self.organisations else self.name)

    def check_state(self, *states: str) -> None:
        """Raises ``wrong-state``, which names the current state, unless the programme is in one of these states."""
        if self.state not in states:
            raise Refusal("wrong-state", f"The programme is {self.state}.", extra={"state": self.state})

    def change(self, body: Mapping[str, Any]) -> None:
        """Changes name, rules and texts; raises ``wrong-state`` once pairs are published.

        Other rules or companies make a proposal outdated, so the programme goes back to ``enrolling``.
        """
        self.check_state(*BEFORE_PUBLICATION)
        rules = replace(self.rules, **body.get("rules", {}))
        organisations = body.get("organisations", self.organisations)
        if self.state == PROPOSED and (rules, organisations) != (self.rules, self.organisations):
            self.state = ENROLLING
        self.rules, self.organisations = rules, list(organisations)
        for name in ("name", "purpose", "host", "language", "contact"):
            if name in body:
                setattr(self, name, body[name])
        check_organisations(self.kind, self.organisations, self.rules)

    def people_changed(self, *, anybody: bool) -> None:
        """Somebody was enrolled, corrected or removed; ``anybody`` says whether participants are left.

        Before the publication this makes a proposal outdated. Raises ``wrong-state`` once pairs are published.
        """
        self.check_state(*BEFORE_PUBLICATION)
        self.state = ENROLLING if anybody else DRAFT


def new_programme(id: str, owner: str, organisation: str | None, body: Mapping[str, Any], now: datetime) -> Programme:
    """A draft from the fields of the request. Refused as ``invalid`` if the rules need companies that are missing."""
    rules = Rules(**body["rules"])
    check_organisations(body["kind"], body["organisations"], rules)
    texts = {name: body[name] for name in ("name", "kind", "organisations", "language", "purpose", "host", "contact")}
    return Programme(id, owner, created_at=now, organisation=organisation, rules=rules, **texts)


def copy_of(programme: Programme, id: str, owner: str, name: str, now: datetime) -> Programme:
    """A draft with the same rules and texts, without people."""
    kept = {field: getattr(programme, field) for field in ("kind", "rules", "language", "purpose", "host", "contact")}
    copied = Programme(id, owner, name, created_at=now, organisation=programme.organisation, **kept)
    copied.organisations, copied.copied_from = list(programme.organisations), programme.id
    return copied


def check_organisations(kind: str, organisations: Sequence[str], rules: Rules) -> None:
    """Raises ``invalid`` if pairs across companies, or a challenge, have fewer than two companies."""
    across = rules.cross_company and len(organisations) == 1
    if across or (kind == CHALLENGE and not organisations):
        message = "Name the companies that take part: at least two." if across else "Name the companies that take part."
        raise Refusal("invalid", errors=[wrong("organisations", "too-few-companies", message)])
