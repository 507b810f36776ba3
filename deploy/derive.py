"""Generates what depends on the parts in files of containers and Kubernetes: `python -m deploy.derive`.

In deploy/compose.yaml, two files of deploy/monitoring and the overlay `production` of deploy/kubernetes, everything
between `# <parts: …>` and `# </parts>` is generated from `contracts.parts`; the rest is written by hand. Other files of
deploy/kubernetes are generated as a whole (`deploy.kubernetes.files`).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from contracts.parts import (
    CALLED,
    DATABASES,
    DRAWN,
    GIVEN,
    ISSUER,
    PAIRS,
    PARTS,
    WITH_HTTP,
    Part,
    part_of,
)
from deploy.kafka.access import USERS, WATCHER
from deploy.kubernetes import files
from deploy.processes import LIMITS, files_of, kind_of

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(
    r"^(?P<begin>(?P<indent> *)# <parts: (?P<name>[^>]+)>\n)(?:.*\n)*?(?P<end> *# </parts>\n)", re.MULTILINE
)
MEMORY = {kind: f"${{RELEVE_{kind.upper()}_MEMORY:-{limit}}}" for kind, limit in LIMITS.items()}
"""The limits, by side, or by the kind of a worker (`Part.memory`)."""
SUBNETS = "${RELEVE_SUBNETS:-10.213}"
BACKUP = ("mongo_admin", "kafka_admin", "backup_key")
Lines = Sequence[str]


def derived() -> dict[Path, str]:
    """The expected text of each file; raises ValueError if one lacks a block or has an unknown one."""
    filled = {path: fill(path.read_text(), blocks, path.name) for path, blocks in BLOCKS.items()}
    return filled | files.written()


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
            f"  networks: {_listed(networks_of(part, first))}",
            f"  environment: {_environment(part)}",
            f"  secrets: {_secrets(part, first)}",
        ]
        for side in others:
            memory = MEMORY[kind_of(part, side)]
            lines += [
                f"{part.name}-{side}:",
                f"  <<: [ *{side}, *{part.name} ]",
                f"  command: [ {side} ]",
                f'  mem_limit: "{memory}"',
                f"  networks: {_listed(networks_of(part, side))}",
                f"  secrets: {_secrets(part, side)}",
            ]
    return lines


def _environment(part: Part) -> str:
    merged = ["*settings", *(["*topics"] if part.on_kafka else []), *(["*data"] if part.database else [])]
    own = {"RELEVE_KAFKA_USER": part.name} if part.on_kafka else {}
    own |= files_of(part)
    pairs = {"<<": _listed(merged), **own}
    return "{ " + ", ".join(f"{key}: {value}" for key, value in pairs.items()) + " }"


def _secrets(part: Part, side: str) -> str:
    own = [f"{{ source: {part.name}_kafka, target: kafka }}"] if part.on_kafka else []
    own += [f"{{ source: {part.name}_mongo, target: mongo }}"] if part.database else []
    certificate = f"{{ source: {part.name}-{side}_tls, target: inside_certificate }}"
    return _listed([*part.secrets, *own, "inside_ca", certificate])


def networks_of(part: Part, side: str) -> list[str]:
    """The networks of one process.

    Its part's own network, with the engines that the part uses and the worker that gives out the public keys; the one
    that it shares with the gateway and with Prometheus; and one for each pair of parts of which one calls the other,
    with the HTTP side of the part that is called.
    """
    names = [part.name, f"gateway-{part.name}"]
    names += [f"{caller}-{called}" for caller, called in PAIRS
              if part.name == caller or (part.name == called and side == "http")]  # fmt: skip
    if (part.name, side) == (ISSUER, "worker"):
        names += [other.name for other in PARTS if other.name != ISSUER]
    return [*names, *(["mail", "edge"] if side in part.outside else [])]


def _networks_of_engine(alias: str, used: Callable[[Part], object]) -> Lines:
    return [f"{name}: {{ aliases: [ {alias} ] }}" for name in ("engines", *(p.name for p in PARTS if used(p)))]


def _networks_before_parts(*others: str) -> Lines:
    return [f"networks: {_listed([*others, *(f'gateway-{part.name}' for part in PARTS)])}"]


def _networks() -> Lines:
    """Every network with its addresses: the engine's own pools hold too few."""
    place = {part.name: number for number, part in enumerate(PARTS)}
    subnets = {"engines": 0, "watch": 1, "mail": 2}
    subnets |= {name: 10 + number for name, number in place.items()}
    subnets |= {f"gateway-{name}": 40 + number for name, number in place.items()}
    subnets |= {f"{caller}-{called}": 80 + 13 * place[caller] + place[called] for caller, called in PAIRS}
    return [
        f'{name}: {{ internal: true, ipam: {{ config: [ {{ subnet: "{SUBNETS}.{third}.0/24" }} ] }} }}'
        for name, third in subnets.items()
    ]


def _scraped() -> Lines:
    """A job for each process, because its certificate is valid for its own name only."""
    lines: list[str] = []
    for part in PARTS:
        for side, name in zip(part.sides, part.processes, strict=True):
            lines += [
                f"- job_name: {name}",
                "  scheme: https",
                f"  tls_config: {{ ca_file: /run/secrets/inside_ca, server_name: {name} }}",
                f"  dns_sd_configs: [ {{ names: [ {name} ], type: A, port: 8000, refresh_interval: 10s }} ]",
                "  relabel_configs:",
                "  - { target_label: job, replacement: releve }",
                f"  - {{ target_label: service, replacement: {part.name} }}",
                f"  - {{ target_label: side, replacement: {side} }}",
            ]
    return lines


def _listed(names: Sequence[str]) -> str:
    return f"[ {', '.join(names)} ]" if names else "[]"


def _files() -> Lines:
    shared = [*DRAWN, *GIVEN]
    own = [*(f"{name}_kafka" for name in USERS if name != WATCHER), *(f"{name}_mongo" for name in DATABASES)]
    return [_file(name) for name in (*shared, *own, *(f"{name}_tls" for part in PARTS for name in part.processes))]


def _file(name: str) -> str:
    return f'{name}: {{ file: "${{RELEVE_SECRETS:-./secrets}}/{name}" }}'


BLOCKS: Mapping[Path, Mapping[str, Callable[[], Lines]]] = {
    ROOT / "deploy/compose.yaml": {
        "addresses between parts": lambda: [
            *(f"RELEVE_{name.upper()}_URL: https://{name}-http:8000" for name in CALLED),
            f"RELEVE_KEYS_URL: https://{ISSUER}-worker:8000",
        ],
        "Kafka's networks": lambda: _networks_of_engine("kafka", lambda part: part.on_kafka),
        "MongoDB's networks": lambda: _networks_of_engine("mongo", lambda part: part.database),
        "the gateway's networks": lambda: _networks_before_parts("edge"),
        "networks": _networks,
        "Kafka's users": lambda: [
            f"secrets: {_listed(['inside_ca', 'kafka_admin', *(f'{name}_kafka' for name in USERS)])}"
        ],
        "MongoDB's users": lambda: [
            f"secrets: {_listed(['inside_ca', 'mongo_admin', *(f'{name}_mongo' for name in (*DATABASES, WATCHER))])}"
        ],
        "processes": _processes,
        "addresses": lambda: [f"RELEVE_GATEWAY_{name.upper()}: {name}-http:8000" for name in WITH_HTTP],
        "what the gateway waits for": lambda: [f"{name}-http: {{ condition: service_healthy }}" for name in WITH_HTTP],
        "what dead letters need": lambda: [
            f"secrets: {_listed(['inside_ca', 'kafka_admin', *(f'{name}_mongo' for name in DATABASES)])}"
        ],
        "what erasing again reads": lambda: [f"{key}: {path}" for key, path in files_of(part_of("accounts")).items()],
        "what a backup reads": lambda: [f"secrets: {_listed(['inside_ca', *BACKUP, *part_of('accounts').secrets])}"],
        "secrets": _files,
    },
    ROOT / "deploy/monitoring/compose.yaml": {
        "Prometheus' networks": lambda: _networks_before_parts("edge", "watch"),
    },
    ROOT / "deploy/monitoring/prometheus.yaml": {
        "processes": _scraped,
    },
    ROOT / "deploy/kubernetes/overlays/production/kustomization.yaml": {
        "images": files.images,
    },
}


def main() -> None:
    """Writes the derived files."""
    for path, text in derived().items():
        path.write_text(text)


if __name__ == "__main__":
    main()
