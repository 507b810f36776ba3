"""How many pods: HTTP sides by processor time, workers by the lag of their consumer group.

KEDA reads the lag from the brokers themselves (decision 98): it then needs neither Prometheus nor an adapter, so a
backlog is worked off even while monitoring is down.
"""

from chassis.broker.clients import MAX_RECORDS
from contracts.parts import PARTS, Part
from deploy.kafka.access import WATCHER
from deploy.kubernetes.objects import Object, labels, named, secret_name
from deploy.processes import most_workers

LEAST = 2
"""Pods of each process: one may be lost with its node."""
MOST_HTTP, MOST_GATEWAYS = 20, 6
BUSY_PERCENT = 70
CALM_S = 300
"""Seconds for which fewer pods must suffice before one is removed. Each change of a worker's number is a rebalance."""
SLOWLY: Object = {"stabilizationWindowSeconds": CALM_S, "policies": [{"type": "Pods", "value": 1, "periodSeconds": 60}]}
LAG = MAX_RECORDS
"""Events behind, for each worker, at which another one is added: as many as one poll takes."""


def of_scaling() -> list[Object]:
    """The autoscalers of all processes, and how KEDA signs in to the brokers: as the user of monitoring."""
    http = [_by_processor(f"{part.name}-http", MOST_HTTP) for part in PARTS if "http" in part.sides]
    workers = [_by_lag(part) for part in PARTS if part.dead_letters]
    user = named("ConfigMap", "lag-user", data={"username": WATCHER})
    return [*http, _by_processor("gateway", MOST_GATEWAYS), user, _sign_in(), *workers]


def _by_processor(name: str, most: int) -> Object:
    metric = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": BUSY_PERCENT}}
    return named(
        "HorizontalPodAutoscaler", name, "autoscaling/v2",
        spec={
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
            "minReplicas": LEAST,
            "maxReplicas": most,
            "metrics": [{"type": "Resource", "resource": metric}],
            "behavior": {"scaleDown": SLOWLY},
        },
    )  # fmt: skip


def _by_lag(part: Part) -> Object:
    trigger: Object = {
        "type": "kafka",
        "metadata": {
            "bootstrapServersFromEnv": "RELEVE_KAFKA",  # of the worker: one setting for both
            "consumerGroup": part.name,  # without a topic: the lag of all that the group reads
            "lagThreshold": str(LAG),
            "offsetResetPolicy": "earliest",
            "sasl": "scram_sha512",
            "tls": "enable",
        },
        "authenticationRef": {"name": "lag"},
    }
    return named(
        "ScaledObject", f"{part.name}-worker", "keda.sh/v1alpha1", labels(part.name, "worker"),
        spec={
            "scaleTargetRef": {"name": f"{part.name}-worker"},
            "pollingInterval": 15,
            "minReplicaCount": LEAST,  # never none: deadlines and the relay need a worker without any lag
            "maxReplicaCount": most_workers(part),
            "fallback": {"failureThreshold": 4, "replicas": LEAST, "behavior": "currentReplicasIfHigher"},
            "advanced": {"horizontalPodAutoscalerConfig": {"behavior": {"scaleDown": SLOWLY}}},
            "triggers": [trigger],
        },
    )  # fmt: skip


def _sign_in() -> Object:
    password, authority = f"{WATCHER}_kafka", "inside_ca"
    return named(
        "TriggerAuthentication", "lag", "keda.sh/v1alpha1",
        spec={
            "configMapTargetRef": [{"parameter": "username", "name": "lag-user", "key": "username"}],
            "secretTargetRef": [
                {"parameter": "password", "name": secret_name(password), "key": password},
                {"parameter": "ca", "name": secret_name(authority), "key": authority},
            ],
        },
    )  # fmt: skip
