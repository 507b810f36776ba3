"""The registry of Relève's parts: everything that runs as processes of ours, with all that each part has and may use.

Everything that depends on the list of parts is derived from `PARTS` or checked against it by a test: see "Adding a
service" in docs/architecture.md. It uses the standard library only, because scripts read it before anything is
installed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass


def topic_of(publisher: str) -> str:
    """The topic that a part publishes to."""
    return f"releve.{publisher}.v1"


def dead_letters_of(listener: str) -> str:
    """The topic of a part's dead letters: the messages that it could not handle."""
    return f"releve.{listener}.dlq"


@dataclass(frozen=True)
class Route:
    """Requests for `path` and all paths below it.

    With `exact` it matches that path only, with `method` that method only. The answer to an `endless` route has no
    timeout.
    """

    path: str
    exact: bool = False
    method: str = ""
    endless: bool = False


@dataclass(frozen=True)
class Tokens:
    """Access tokens that a part issues: `issuer` is their `iss`, and the part serves its public keys at `keys`.

    Tokens for `everywhere` are accepted at every part, others only at the API routes of the part that issues them.
    """

    issuer: str
    keys: str
    everywhere: bool = False


@dataclass(frozen=True)
class Part:
    """One part. `service` builds the usual kind, which publishes and stores data. Raises ValueError if inconsistent.

    - `topic`: where it publishes; None if it does not.
    - `dead_letters`: the topic for messages that it could not handle, as the consumer group of its name; None if it
      does not listen.
    - `database`: its database's name without the prefix; None if it has none.
    - `routes`: what the gateway sends to its HTTP side. `public` routes need no token; `optional` routes need none
      either, but a token that is sent must be valid; paths below `one_time` end in a token that no log may hold.
    - `tokens`: the access tokens that it issues; None if it issues none.
    - `secrets`: it receives each as RELEVE_<NAME>.
    - `solves`: its worker solves large problems in a process of its own, and gets the memory for it.
    - `outside`: the sides that connect to servers that are not part of Relève.
    - `sentence`: its description in the API's document.
    """

    name: str
    sentence: str
    sides: tuple[str, ...] = ("http",)
    topic: str | None = None
    dead_letters: str | None = None
    database: str | None = None
    routes: tuple[Route, ...] = ()
    public: tuple[Route, ...] = ()
    optional: tuple[Route, ...] = ()
    one_time: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    package: str = ""
    tokens: Tokens | None = None
    solves: bool = False

    def __post_init__(self) -> None:
        if not self.package:
            object.__setattr__(self, "package", f"services.{self.name}")
        if not re.fullmatch("[a-z]+", self.name):
            raise ValueError(f"{self.name}: use lower-case letters only: users, variables and processes share the name")
        if self.on_kafka and not (self.database and "worker" in self.sides):
            raise ValueError(f"{self.name}: a part that publishes or listens needs a database and a worker")
        usual = (topic_of(self.name), dead_letters_of(self.name), self.name)
        given = (self.topic, self.dead_letters, self.database)
        if any(name not in (None, as_usual) for name, as_usual in zip(given, usual, strict=True)):
            raise ValueError(f"{self.name}: topics and databases must be named after their part")
        if bool(self.routes) != ("http" in self.sides):
            raise ValueError(f"{self.name}: routes need an HTTP side, and an HTTP side needs routes")
        if self.tokens and Route(self.tokens.keys, exact=True) not in self.routes:
            raise ValueError(f"{self.name}: {self.tokens.keys} must be one of its exact routes")

    @property
    def folder(self) -> str:
        """The folder of its code, relative to the root of the tree."""
        return self.package.replace(".", "/")

    @property
    def processes(self) -> tuple[str, ...]:
        """The names of its processes: `quotes-http`, `quotes-worker`."""
        return tuple(f"{self.name}-{side}" for side in self.sides)

    @property
    def on_kafka(self) -> bool:
        """Whether it publishes or consumes events."""
        return bool(self.topic or self.dead_letters)

    @property
    def in_api(self) -> bool:
        """Whether the API's document describes its routes."""
        return any(route.path.startswith("/api/") for route in self.routes)


def service(
    name: str, sentence: str, *, routes: tuple[Route, ...], public: tuple[Route, ...] = (),
    optional: tuple[Route, ...] = (), one_time: tuple[str, ...] = (), tokens: Tokens | None = None,
    secrets: tuple[str, ...] = (), outside: tuple[str, ...] = (), solves: bool = False,
) -> Part:  # fmt: skip
    """A service: a part with an HTTP side and a worker, a topic, dead letters and a database, all of its name."""
    return Part(
        name, sentence, sides=("http", "worker"), topic=topic_of(name), dead_letters=dead_letters_of(name),
        database=name, routes=routes, public=public, optional=optional, one_time=one_time, tokens=tokens,
        secrets=secrets, outside=outside, solves=solves,
    )  # fmt: skip


PARTS: tuple[Part, ...] = (
    service(
        "accounts",
        "Accounts, sessions and the public keys of access tokens.",
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
        tokens=Tokens("releve", "/.well-known/jwks.json", everywhere=True),
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
        "programmes",
        "Programmes of reverse mentoring: people, pairs, challenges and progress.",
        routes=(Route("/.well-known/programmes-jwks.json", exact=True), Route("/api/programmes")),
        public=(Route("/api/programmes/passes/renewal", exact=True, method="POST"),),
        optional=(
            Route("/api/programmes/passes", exact=True, method="POST"),
            Route("/api/programmes/joins", exact=True, method="POST"),
        ),
        tokens=Tokens("releve-programmes", "/.well-known/programmes-jwks.json"),
        secrets=("internal_token", "blind_secret"),
        solves=True,
    ),
    service(
        "notify",
        "Notifications, their stream, and notification preferences.",
        routes=(
            Route("/api/notifications"),
            Route("/api/notifications/stream", exact=True, endless=True),
            Route("/api/operations/deliveries"),
        ),
        secrets=("internal_token", "smtp_password"),
        outside=("worker",),  # mail servers, except the one of a trial
    ),
)

DATABASES: tuple[str, ...] = tuple(part.name for part in PARTS if part.database)
"""The parts that have a database."""
WITH_HTTP: tuple[str, ...] = tuple(part.name for part in PARTS if "http" in part.sides)
"""The parts that the gateway routes requests to."""
GIVEN: tuple[str, ...] = ("smtp_password",)
"""Secrets that the operator provides, because they belong to another server."""
DRAWN: tuple[str, ...] = tuple(
    dict.fromkeys(secret for part in PARTS for secret in part.secrets if secret not in GIVEN)
)
"""Secrets that are generated at random, once for a system."""


def part_of(name: str) -> Part:
    """The part of this name. Raises KeyError if there is none."""
    return _BY_NAME[name]


def variable_of(secret: str) -> str:
    """The environment variable that holds a secret."""
    return f"RELEVE_{secret.upper()}"


_BY_NAME: Mapping[str, Part] = {part.name: part for part in PARTS}
