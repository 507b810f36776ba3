"""Every part of Relève that runs as processes of ours, with all that each has and may use.

Whatever has to know the parts derives them from `PARTS`, or a test checks it against them: "Adding a service" in
docs/architecture.md. Standard library alone: scripts read it before anything is installed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass


def topic_of(publisher: str) -> str:
    """The one topic that a part publishes to."""
    return f"releve.{publisher}.v1"


def dead_letters_of(listener: str) -> str:
    """Where a part sets aside what it cannot handle."""
    return f"releve.{listener}.dlq"


@dataclass(frozen=True)
class Route:
    """Requests for `path` and for all below it; `exact`: for that path alone; `method`: of this one alone.

    The answer to an `endless` one has no time limit.
    """

    path: str
    exact: bool = False
    method: str = ""
    endless: bool = False


@dataclass(frozen=True)
class Part:
    """One part, which `service` completes for those that publish and keep data. Raises ValueError for half of one.

    `topic` is what it publishes to, `dead_letters` what it sets aside of what it listens to (as the group of its
    name), `database` the name of its database behind the prefix: None where it has none. `routes` lead from the gateway
    to its HTTP side; `public` ones need no token, and `one_time` ones end in a token that no log may hold. Of `secrets`
    it is told RELEVE_<NAME>. `outside` are the sides that reach what is not ours. A `sentence` stands in the API's
    document.
    """

    name: str
    sentence: str
    sides: tuple[str, ...] = ("http",)
    topic: str | None = None
    dead_letters: str | None = None
    database: str | None = None
    routes: tuple[Route, ...] = ()
    public: tuple[Route, ...] = ()
    one_time: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    package: str = ""

    def __post_init__(self) -> None:
        if not self.package:
            object.__setattr__(self, "package", f"services.{self.name}")
        if not re.fullmatch("[a-z]+", self.name):
            raise ValueError(f"{self.name}: a name is lower-case letters alone: users, variables and processes bear it")
        if self.on_kafka and not (self.database and "worker" in self.sides):
            raise ValueError(f"{self.name}: whoever publishes or listens has a database and a worker")
        usual = (topic_of(self.name), dead_letters_of(self.name), self.name)
        given = (self.topic, self.dead_letters, self.database)
        if any(name not in (None, as_usual) for name, as_usual in zip(given, usual, strict=True)):
            raise ValueError(f"{self.name}: topics and databases are called after their part")
        if bool(self.routes) != ("http" in self.sides):
            raise ValueError(f"{self.name}: routes lead to an HTTP side, and an HTTP side has routes")

    @property
    def folder(self) -> str:
        """Where its code is, from the root of the tree."""
        return self.package.replace(".", "/")

    @property
    def processes(self) -> tuple[str, ...]:
        """The names of its processes: `quotes-http`, `quotes-worker`."""
        return tuple(f"{self.name}-{side}" for side in self.sides)

    @property
    def on_kafka(self) -> bool:
        """Whether it publishes or listens."""
        return bool(self.topic or self.dead_letters)

    @property
    def in_api(self) -> bool:
        """Whether a document of the API describes its routes."""
        return any(route.path.startswith("/api/") for route in self.routes)


def service(
    name: str, sentence: str, *, routes: tuple[Route, ...], public: tuple[Route, ...] = (),
    one_time: tuple[str, ...] = (), secrets: tuple[str, ...] = (), outside: tuple[str, ...] = (),
) -> Part:  # fmt: skip
    """A part with all a service has: both sides, a topic, dead letters and a database of its name."""
    return Part(
        name, sentence, sides=("http", "worker"), topic=topic_of(name), dead_letters=dead_letters_of(name),
        database=name, routes=routes, public=public, one_time=one_time, secrets=secrets, outside=outside,
    )  # fmt: skip


PARTS: tuple[Part, ...] = (
    service(
        "accounts",
        "Accounts, sessions and the keys that access tokens are checked with.",
        routes=(
            Route("/.well-known/jwks.json", exact=True),
            Route("/api/accounts"),
            Route("/api/sessions"),
            Route("/api/operations/accounts"),
            Route("/api/operations/audit"),
        ),
        public=(
            Route("/api/accounts", exact=True, method="POST"),
            Route("/api/sessions", exact=True, method="POST"),
            Route("/api/sessions/refresh", exact=True, method="POST"),
            Route("/api/accounts/verification", method="POST"),
            Route("/api/accounts/password-reset", method="POST"),
        ),
        one_time=("/api/accounts/verification", "/api/accounts/password-reset"),
        secrets=("internal_token", "blind_secret"),
    ),
    service(
        "projects",
        "Organisations, projects, the choice and the reveal.",
        routes=(
            Route("/api/organisations"),
            Route("/api/projects"),
            Route("/api/operations/projects"),
            Route("/api/operations/reports"),
        ),
        one_time=("/api/organisations/invitations",),
        secrets=("blind_secret",),
    ),
    service(
        "matching",
        "Mentors' profiles and cards, the vocabulary of skills, invitations.",
        routes=(Route("/api/mentors"), Route("/api/skills"), Route("/api/invitations")),
        secrets=("blind_secret",),
    ),
    service(
        "quotes",
        "Rounds, claims, sealed quotes and their receipts.",
        routes=(
            Route("/.well-known/receipts-jwks.json", exact=True),
            Route("/api/rounds"),
            Route("/api/quotes"),
            Route("/api/operations/rounds"),
        ),
    ),
    service(
        "notify",
        "Notifications, their stream, and what a person wants to be told.",
        routes=(
            Route("/api/notifications"),
            Route("/api/notifications/stream", exact=True, endless=True),
            Route("/api/operations/deliveries"),
        ),
        secrets=("internal_token", "smtp_password"),
        outside=("worker",),  # any mail server but that of a trial
    ),
)

DATABASES: tuple[str, ...] = tuple(part.name for part in PARTS if part.database)
"""The parts that keep data."""
WITH_HTTP: tuple[str, ...] = tuple(part.name for part in PARTS if "http" in part.sides)
"""The parts that the gateway sends requests to."""
GIVEN: tuple[str, ...] = ("smtp_password",)
"""Secrets of another's server; every other one is drawn."""
DRAWN: tuple[str, ...] = tuple(
    dict.fromkeys(secret for part in PARTS for secret in part.secrets if secret not in GIVEN)
)
"""Secrets that are drawn once for a system."""


def part_of(name: str) -> Part:
    """The part of this name; KeyError where there is none."""
    return _BY_NAME[name]


def variable_of(secret: str) -> str:
    """The environment variable that holds a secret."""
    return f"RELEVE_{secret.upper()}"


_BY_NAME: Mapping[str, Part] = {part.name: part for part in PARTS}
