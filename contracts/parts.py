"""The registry of Relève's parts: everything that runs as processes of ours, with all that each part has and may use.

Everything that depends on the list of parts is derived from `PARTS` or checked against it by a test: see "Adding a
service" in docs/architecture.md. It uses the standard library only, because scripts read it before anything is
installed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

OPERATIONS = "/api/operations/"
"""Where all routes for operators are."""


def topic_of(publisher: str, channel: str = "") -> str:
    """The topic that a part publishes to, or that of one of its channels: `releve.accounts.mails.v1`."""
    return f"releve.{publisher}.{channel}.v1" if channel else f"releve.{publisher}.v1"


def dead_letters_of(listener: str) -> str:
    """The topic of a part's dead letters: the messages that it could not handle."""
    return f"releve.{listener}.dlq"


def internal_secret(caller: str, callee: str) -> str:
    """The secret that authenticates one part at the internal routes of another; only these two have it."""
    return f"internal_{caller}_{callee}"


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
    - `channels`: each is a topic of its own, for events that not every reader of `topic` may see.
    - `dead_letters`: the topic for messages that it could not handle, as the consumer group of its name; None if it
      does not listen.
    - `database`: its database's name without the prefix; None if it has none.
    - `routes`: what the gateway sends to its HTTP side; `operations`: what it sends there for operators.
    - `public` routes need no token; `optional` routes need none either, but a token that is sent must be valid; paths
      below `one_time` end in a token that no log may hold.
    - `tokens`: the access tokens that it issues; None if it issues none.
    - `calls`: the parts whose routes below `/internal` it calls; `asks`: those whose public routes it calls.
    - `secrets`: it receives each as RELEVE_<NAME>; `connected` adds those of internal calls.
    - `memory`: the kind of its worker's memory limit: `solver` solves large problems in a process of its own, `shelf`
      remembers every mentor.
    - `outside`: the sides that connect to servers that are not part of Relève.
    - `sentence`: its description in the API's document.
    """

    name: str
    sentence: str
    sides: tuple[str, ...] = ("http",)
    topic: str | None = None
    channels: tuple[str, ...] = ()
    dead_letters: str | None = None
    database: str | None = None
    routes: tuple[Route, ...] = ()
    operations: tuple[Route, ...] = ()
    public: tuple[Route, ...] = ()
    optional: tuple[Route, ...] = ()
    one_time: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    package: str = ""
    tokens: Tokens | None = None
    memory: str = "worker"

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
        if self.channels and not self.topic:
            raise ValueError(f"{self.name}: only a part with a topic has channels")
        if bool(self.routes) != ("http" in self.sides):
            raise ValueError(f"{self.name}: routes need an HTTP side, and an HTTP side needs routes")
        if any((route.path + "/").startswith(OPERATIONS) for route in self.routes) or not all(
            route.path.startswith(OPERATIONS) for route in self.operations
        ):
            raise ValueError(f"{self.name}: paths below {OPERATIONS} are its operations, and nothing else is")
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
    def topics(self) -> tuple[str, ...]:
        """The topics that it publishes to."""
        own = (self.topic,) if self.topic else ()
        return (*own, *(topic_of(self.name, channel) for channel in self.channels))

    @property
    def on_kafka(self) -> bool:
        """Whether it publishes or consumes events."""
        return bool(self.topic or self.dead_letters)

    @property
    def in_api(self) -> bool:
        """Whether the API's document describes its routes."""
        return any(route.path.startswith("/api/") for route in self.routes)


def service(
    name: str, sentence: str, *, channels: tuple[str, ...] = (), routes: tuple[Route, ...],
    operations: tuple[Route, ...] = (),
    public: tuple[Route, ...] = (), optional: tuple[Route, ...] = (), one_time: tuple[str, ...] = (),
    tokens: Tokens | None = None, calls: tuple[str, ...] = (), asks: tuple[str, ...] = (),
    secrets: tuple[str, ...] = (), outside: tuple[str, ...] = (), memory: str = "worker",
) -> Part:  # fmt: skip
    """A service: a part with an HTTP side and a worker, a topic, dead letters and a database, all of its name.

    Its operations have a path of their own, with at least the routes that read its audit trail (`chassis.http.trail`).
    """
    return Part(
        name, sentence, sides=("http", "worker"), topic=topic_of(name), dead_letters=dead_letters_of(name),
        channels=channels, database=name, routes=routes, operations=(Route(f"{OPERATIONS}{name}"), *operations),
        public=public, optional=optional, one_time=one_time, tokens=tokens, calls=calls, asks=asks,
        secrets=secrets, outside=outside, memory=memory,
    )  # fmt: skip


def connected(*parts: Part) -> tuple[Part, ...]:
    """The parts, each with the secret of every pair that it belongs to. Raises ValueError for an impossible call."""
    answering = {part.name for part in parts if "http" in part.sides}
    pairs = [(part.name, callee) for part in parts for callee in part.calls]
    asking = [(part.name, asked) for part in parts for asked in part.asks]
    if wrong := [pair for pair in (*pairs, *asking) if pair[1] not in answering - {pair[0]}]:
        raise ValueError(f"{wrong[0][0]} cannot call {wrong[0][1]}: it must be another part with an HTTP side")
    return tuple(
        replace(part, secrets=(*(internal_secret(*pair) for pair in pairs if part.name in pair), *part.secrets))
        for part in parts
    )


PARTS: tuple[Part, ...] = connected(
    service(
        "accounts",
        "Accounts, sessions and the public keys of access tokens.",
        channels=("mails",),
        routes=(
            Route("/.well-known/jwks.json", exact=True),
            Route("/api/accounts"),
            Route("/api/sessions"),
        ),
        operations=(Route("/api/operations/audit"), Route("/api/operations/factor")),
        public=(
            Route("/api/accounts", exact=True, method="POST"),
            Route("/api/sessions", exact=True, method="POST"),
            Route("/api/sessions/refresh", exact=True, method="POST"),
            Route("/api/accounts/verification", method="POST"),
            Route("/api/accounts/password-reset", method="POST"),
            Route("/api/accounts/erasure-stop", method="POST"),
            Route("/api/accounts/email", method="POST"),
        ),
        one_time=(
            "/api/accounts/verification",
            "/api/accounts/password-reset",
            "/api/accounts/erasure-stop",
            "/api/accounts/email",
        ),
        tokens=Tokens("releve", "/.well-known/jwks.json", everywhere=True),
        calls=("projects",),
        secrets=("blind_secret", "master_key_accounts"),
    ),
    service(
        "projects",
        "Organisations, projects, the choice and the reveal.",
        routes=(Route("/api/organisations"), Route("/api/projects")),
        operations=(Route("/api/operations/reports"),),
        one_time=("/api/organisations/invitations",),
        secrets=("blind_secret", "master_key_projects"),
    ),
    service(
        "matching",
        "Mentors' profiles and cards, the vocabulary of skills, invitations.",
        routes=(Route("/api/mentors"), Route("/api/skills"), Route("/api/invitations")),
        secrets=("blind_secret",),
        memory="shelf",
    ),
    service(
        "quotes",
        "Rounds, claims, sealed quotes and their receipts.",
        routes=(
            Route("/.well-known/receipts-jwks.json", exact=True),
            Route("/api/rounds"),
            Route("/api/quotes"),
        ),
        secrets=("sketch_secret", "master_key_quotes"),
        operations=(Route("/api/operations/rounds"),),
    ),
    service(
        "programmes",
        "Programmes of reverse mentoring: people, pairs, challenges and progress.",
        channels=("mails",),
        routes=(Route("/.well-known/programmes-jwks.json", exact=True), Route("/api/programmes")),
        public=(Route("/api/programmes/passes/renewal", exact=True, method="POST"),),
        optional=(
            Route("/api/programmes/passes", exact=True, method="POST"),
            Route("/api/programmes/joins", exact=True, method="POST"),
        ),
        tokens=Tokens("releve-programmes", "/.well-known/programmes-jwks.json"),
        asks=("accounts",),
        secrets=("blind_secret", "master_key_programmes"),
        memory="solver",
    ),
    service(
        "notify",
        "Notifications, their stream, and notification preferences.",
        routes=(Route("/api/notifications"), Route("/api/notifications/stream", exact=True, endless=True)),
        operations=(Route("/api/operations/deliveries"),),
        public=(Route("/api/notifications/unsubscribe", method="POST"),),
        one_time=("/api/notifications/unsubscribe",),
        calls=("accounts", "programmes"),
        secrets=("smtp_password",),
        outside=("worker",),  # mail servers, except the one of a trial
    ),
    Part(
        "web",
        "Pages for people, rendered from the public API; no data of its own.",
        package="web",
        routes=(Route("/"), Route("/events", exact=True, endless=True)),
        one_time=("/unsubscribe",),
        secrets=("web_key",),
    ),
)

DATABASES: tuple[str, ...] = tuple(part.name for part in PARTS if part.database)
"""The parts that have a database."""
WITH_HTTP: tuple[str, ...] = tuple(part.name for part in PARTS if "http" in part.sides)
"""The parts that the gateway routes requests to."""
GIVEN: tuple[str, ...] = ("smtp_password",)
"""Secrets that the operator provides, because they belong to another server."""
CALLED: tuple[str, ...] = tuple(
    part.name
    for part in PARTS
    if (part.tokens and part.tokens.everywhere) or any(part.name in other.calls for other in PARTS)
)
"""The parts that others of ours call: each is found at RELEVE_<NAME>_URL."""
PAIRS: tuple[tuple[str, str], ...] = tuple((part.name, other) for part in PARTS for other in (*part.calls, *part.asks))
"""Each part that calls another, with the other."""
ISSUER: str = next(part.name for part in PARTS if part.tokens and part.tokens.everywhere)
"""The part whose public keys every part reads, from its worker."""
DRAWN: tuple[str, ...] = tuple(
    dict.fromkeys(secret for part in PARTS for secret in part.secrets if secret not in GIVEN)
)
"""Secrets that are generated at random, once for a system."""


ROTATED: tuple[str, ...] = tuple(name for name in DRAWN if name.startswith("master_key_"))
"""Secrets that a command renews while the system runs (`deploy.rotate`): each is a file that holds several versions."""


def part_of(name: str) -> Part:
    """The part of this name. Raises KeyError if there is none."""
    return _BY_NAME[name]


def variable_of(secret: str) -> str:
    """The environment variable that holds a secret."""
    return f"RELEVE_{secret.upper()}"


_BY_NAME: Mapping[str, Part] = {part.name: part for part in PARTS}
