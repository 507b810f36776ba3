"""Each part: the Deployments of its sides, their Services and budgets, and the Job that migrates its data."""

from contracts.parts import PARTS, Part
from deploy.kubernetes.objects import (
    SETTINGS,
    Object,
    account,
    budget,
    container,
    deployment,
    labels,
    named,
    pod,
    resources,
    secret_files,
    service,
    settings_from,
    values,
)
from deploy.processes import LIMITS, SECRETS, STOP_S, files_of, kind_of

PORT = 8000
"""Where our processes listen, set in their images."""
CPU = {"http": "500m", "worker": "250m"}
"""Processor promised to a side; an HTTP side is multiplied at 70 % of it. One process uses one core at most."""
EVERY_S, WITHIN_S, TRIES, START_S = 5, 10, 4, 240
"""The health check of deploy/Dockerfile: interval, timeout, retries, and how long a start may take."""


def of_part(part: Part) -> list[Object]:
    """All objects of one part."""
    return [
        account(part.name),
        *(one for side in part.sides for one in _side(part, side)),
        *([_migration(part)] if part.database else []),
    ]


def image_of(part: Part) -> str:
    """The image that an overlay replaces by a version in a registry."""
    return f"releve-{part.name}"


def secrets_of(part: Part) -> dict[str, str]:
    """The secrets of a part's processes, each with the name of the file that it reads."""
    files = {secret: secret for secret in part.secrets}
    files |= {f"{part.name}_kafka": "kafka"} if part.on_kafka else {}
    files |= {f"{part.name}_mongo": "mongo"} if part.database else {}
    return {**files, "inside_ca": "inside_ca"}


def environment_of(part: Part) -> dict[str, str]:
    """The settings that differ between parts."""
    found = {"RELEVE_KAFKA_USER": part.name, "RELEVE_KAFKA_PASSWORD_FILE": f"{SECRETS}/kafka"} if part.on_kafka else {}
    found |= {"RELEVE_MONGO_URI_FILE": f"{SECRETS}/mongo"} if part.database else {}
    return found | files_of(part)


def processes() -> dict[str, dict[str, str]]:
    """The labels of every process of ours, by its name."""
    return {f"{part.name}-{side}": labels(part.name, side) for part in PARTS for side in part.sides}


def _side(part: Part, side: str) -> list[Object]:
    name, marks = f"{part.name}-{side}", labels(part.name, side)
    limit = LIMITS[kind_of(part, side)]
    main = container(
        side, image_of(part), args=[side], envFrom=settings_from(SETTINGS), env=values(environment_of(part)),
        ports=[{"name": "https", "containerPort": PORT}], resources=resources(limit, CPU[side]), **_probes(),
    )  # fmt: skip
    files = secrets_of(part) | {f"{name}_tls": "inside_certificate"}
    described = pod(part.name, [main], [secret_files(files)], terminationGracePeriodSeconds=STOP_S)
    # Without an address of its own, and with addresses that are not ready: the gateway resolves all pods and checks
    # them itself, and a worker without Kafka still gives out the public keys.
    return [
        deployment(name, marks, described),
        service(name, marks, {"https": (PORT, PORT)}, clusterIP="None", publishNotReadyAddresses=True),
        budget(name, marks),
    ]


def _probes() -> Object:
    """A pod is ready as a container is healthy in compose. It is restarted only if it does not answer at all."""

    def ask(path: str, every: int, tries: int) -> Object:
        return {"httpGet": {"path": path, "port": "https", "scheme": "HTTPS"},
                "periodSeconds": every, "timeoutSeconds": WITHIN_S, "failureThreshold": tries}  # fmt: skip

    return {
        "startupProbe": ask("/healthz", EVERY_S, START_S // EVERY_S),
        "readinessProbe": ask("/readyz", EVERY_S, TRIES),
        "livenessProbe": ask("/healthz", WITHIN_S, 6),
    }


def _migration(part: Part) -> Object:
    """Migrates before the start, and shows the result. Each process also does it, under a lease (decision 16)."""
    own = environment_of(part) | {"RELEVE_INSIDE_CERTIFICATE": ""}  # it serves nothing
    main = container(
        "migrate", image_of(part), args=["migrate"], envFrom=settings_from(SETTINGS), env=values(own),
        resources=resources(LIMITS["http"], CPU["worker"]),
    )  # fmt: skip
    return job(f"{part.name}-migrate", part.name, pod(part.name, [main], [secret_files(secrets_of(part))]))


def job(name: str, part: str, described: Object) -> Object:
    """A Job of the preparation. Its template cannot be changed: it is deleted before each update."""
    marks = labels(part, "preparation")
    template = {"metadata": {"labels": marks}, "spec": {"restartPolicy": "OnFailure", **described}}
    spec = {"backoffLimit": 10, "ttlSecondsAfterFinished": 86_400, "template": template}
    return named("Job", name, "batch/v1", marks, spec=spec)
