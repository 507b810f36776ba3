"""Generates the sections of container files that depend on the parts: `python -m deploy.derive`.

In deploy/compose.yaml and deploy/monitoring/prometheus.yaml, everything between `# <parts: …>` and `# </parts>` is
generated from `contracts.parts`; the rest is written by hand.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from contracts.parts import DATABASES, DRAWN, GIVEN, PARTS, WITH_HTTP, Part, variable_of
from deploy.kafka.access import USERS, WATCHER

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(
    r"^(?P<begin>(?P<indent> *)# <parts: (?P<name>[^>]+)>\n)(?:.*\n)*?(?P<end> *# </parts>\n)", re.MULTILINE
)
MEMORY = {"http": "${RELEVE_HTTP_MEMORY:-384m}", "worker": "${RELEVE_WORKER_MEMORY:-256m}"}
SOLVER = "${RELEVE_SOLVER_MEMORY:-1g}"
"""The limit of a worker that solves large problems in a process of its own."""
Lines = Sequence[str]


def derived() -> dict[Path, str]:
    """The expected text of each file; raises ValueError if one lacks a block or has an unknown one."""
    return {path: fill(path.read_text(), blocks, path.name) for path, blocks in BLOCKS.items()}


def fill(text: str, blocks: Mapping[str, Callable[[], Lines]], file: str) -> str:
    """The text with each block regenerated and indented like its markers; raises ValueError."""
    found = [match["name"] for match in BLOCK.finditer(text)]
    if sorted(found) != sorted(blocks):
        raise ValueError(f"{file} should hold once each: {', '.join(blocks)}; it holds {', '.join(found) or 'none'}")

    def filled(match: re.Match[str]) -> str:
        lines = (f"{match['indent']}{line}\n" if line else "\n" for line in blocks[match["name"]]())
        return match["begin"] + "".join(lines) + match["end"]

    return BLOCK.sub(filled, text)


def _processes() -> Lines:
    lines: list[str] = []
    for part in PARTS:
        first, *others = part.sides
        lines += [
            *([""] if lines else []),
            f"{part.name}-{first}: &{part.name}",
            f"  <<: *{first}",
            f"  image: ${{RELEVE_IMAGE_{part.name.upper()}:-releve-{part.name}:${{RELEVE_VERSION:-latest}}}}",
            *([f"  networks: {_networks(part, first)}"] if part.outside else []),
            f"  environment: {_environment(part)}",
            f"  secrets: {_secrets(part)}",
        ]
        for side in others:
            networks = f", networks: {_networks(part, side)}" if part.outside else ""
            memory = SOLVER if part.solves and side == "worker" else MEMORY[side]
            lines.append(
                f"{part.name}-{side}: {{ <<: [ *{side}, *{part.name} ], command: [ {side} ], "
                f'mem_limit: "{memory}"{networks} }}'
            )
    return lines


def _environment(part: Part) -> str:
    merged = ["*settings", *(["*topics"] if part.on_kafka else []), *(["*data"] if part.database else [])]
    own = {"RELEVE_KAFKA_USER": part.name} if part.on_kafka else {}
    own |= {f"{variable_of(secret)}_FILE": f"/run/secrets/{secret}" for secret in part.secrets}
    pairs = {"<<": _listed(merged), **own}
    return "{ " + ", ".join(f"{key}: {value}" for key, value in pairs.items()) + " }"


def _secrets(part: Part) -> str:
    own = [f"{{ source: {part.name}_kafka, target: kafka }}"] if part.on_kafka else []
    own += [f"{{ source: {part.name}_mongo, target: mongo }}"] if part.database else []
    return _listed([*part.secrets, *own])


def _networks(part: Part, side: str) -> str:
    return _listed(["inside", *(["edge"] if side in part.outside else [])])


def _listed(names: Sequence[str]) -> str:
    return f"[ {', '.join(names)} ]" if names else "[]"


def _files() -> Lines:
    shared = [*DRAWN, *GIVEN]
    own = [*(f"{name}_kafka" for name in USERS if name != WATCHER), *(f"{name}_mongo" for name in DATABASES)]
    return [f'{name}: {{ file: "${{RELEVE_SECRETS:-./secrets}}/{name}" }}' for name in (*shared, *own)]


BLOCKS: Mapping[Path, Mapping[str, Callable[[], Lines]]] = {
    ROOT / "deploy/compose.yaml": {
        "Kafka's users": lambda: [f"secrets: {_listed(['kafka_admin', *(f'{name}_kafka' for name in USERS)])}"],
        "MongoDB's users": lambda: [
            f"secrets: {_listed(['mongo_admin', *(f'{name}_mongo' for name in (*DATABASES, WATCHER))])}"
        ],
        "processes": _processes,
        "addresses": lambda: [f"RELEVE_GATEWAY_{name.upper()}: {name}-http:8000" for name in WITH_HTTP],
        "what the gateway waits for": lambda: [f"{name}-http: {{ condition: service_healthy }}" for name in WITH_HTTP],
        "secrets": _files,
    },
    ROOT / "deploy/monitoring/prometheus.yaml": {
        "processes": lambda: [f"- {name}" for part in PARTS for name in part.processes],
    },
}


def main() -> None:
    """Writes the derived files."""
    for path, text in derived().items():
        path.write_text(text)


if __name__ == "__main__":
    main()
