"""The pieces that all manifests share: names, labels, confinement, files of secrets, pods."""

from collections.abc import Mapping, Sequence
from typing import Any

from deploy.processes import SECRETS

Object = dict[str, Any]
USER = 10001
"""The user of our images."""
SETTINGS, GATEWAY_SETTINGS = "settings", "gateway-settings"
"""The ConfigMaps with the settings of our processes and of the gateway."""
UNITS = {"m": "Mi", "g": "Gi"}
TMP: Object = {"name": "tmp", "mountPath": "/tmp"}


def labels(name: str, component: str) -> dict[str, str]:
    """The labels of one process, by which Services, policies and budgets find it."""
    return {
        "app.kubernetes.io/part-of": "releve",
        "app.kubernetes.io/name": name,
        "app.kubernetes.io/component": component,
    }


def named(kind: str, name: str, version: str = "v1", marks: Mapping[str, str] | None = None, **fields: Any) -> Object:
    """An object of this kind, with its name, labels and other fields."""
    metadata: Object = {"name": name, **({"labels": dict(marks)} if marks else {})}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **fields}


def quantity(limit: str) -> str:
    """Compose's `384m` or `1g` as Kubernetes writes it, `384Mi` or `1Gi`."""
    return limit[:-1] + UNITS[limit[-1]]


def half(limit: str) -> str:
    """Half of a limit, as the memory that a pod is promised."""
    mebibytes = int(limit[:-1]) * (1024 if limit.endswith("g") else 1)
    return f"{mebibytes // 2}Mi"


def resources(limit: str, cpu: str) -> Object:
    """Memory is limited and half of it promised. The processor is promised, never limited: a limit would throttle."""
    return {"requests": {"cpu": cpu, "memory": half(limit)}, "limits": {"memory": quantity(limit)}}


def secret_name(file: str) -> str:
    """The Secret that holds a file of deploy/secrets under the file's own name: `quotes_kafka` is in `quotes-kafka`."""
    return file.replace("_", "-")


def secret_files(files: Mapping[str, str]) -> Object:
    """The volume with secrets: files of deploy/secrets, each with the name under which the process finds it.

    `engines-ca` may add authorities of engines that have their own: `kafka_ca`, `mongo_ca`.
    """
    sources: list[Object] = [
        {"secret": {"name": secret_name(file), "items": [{"key": file, "path": target}]}}
        for file, target in files.items()
    ]
    sources.append({"secret": {"name": "engines-ca", "optional": True}})
    return {"name": "secrets", "projected": {"defaultMode": 0o440, "sources": sources}}


def values(settings: Mapping[str, str]) -> list[Object]:
    """Settings as a container's environment."""
    return [{"name": name, "value": value} for name, value in settings.items()]


def settings_from(name: str) -> list[Object]:
    """All settings of a ConfigMap as a container's environment; a value of the container itself wins."""
    return [{"configMapRef": {"name": name}}]


def container(name: str, image: str, *, files: bool = True, **fields: Any) -> Object:
    """A confined container: nothing is writable but /tmp and what it mounts, and it has no capability."""
    mounts = [TMP, *([{"name": "secrets", "mountPath": SECRETS, "readOnly": True}] if files else [])]
    return {
        "name": name,
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        **fields,
        "volumeMounts": [*mounts, *fields.get("volumeMounts", [])],
    }


def pod(
    account: str, containers: Sequence[Object], volumes: Sequence[Object], *, user: int = USER, **more: Any
) -> Object:
    """A pod without a token for Kubernetes' API, as a user without privileges."""
    return {
        "serviceAccountName": account,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": {
            "runAsNonRoot": True, "runAsUser": user, "runAsGroup": user, "fsGroup": user,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        **more,
        "containers": list(containers),
        "volumes": [{"name": "tmp", "emptyDir": {"medium": "Memory", "sizeLimit": "64Mi"}}, *volumes],
    }  # fmt: skip


def account(name: str) -> Object:
    """The identity of a part's pods. It has no rights and no token."""
    return named("ServiceAccount", name, automountServiceAccountToken=False)


def deployment(name: str, marks: Mapping[str, str], described: Object, *, surge: str = "25%") -> Object:
    """A Deployment that starts new pods before it stops old ones. The number of pods is left to the overlay.

    A pod counts as available ten seconds after it is ready: by then the gateway has resolved and checked its address.
    """
    spread = [
        {"maxSkew": 1, "topologyKey": key, "whenUnsatisfiable": "ScheduleAnyway",
         "labelSelector": {"matchLabels": dict(marks)}, "matchLabelKeys": ["pod-template-hash"]}
        for key in ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
    ]  # fmt: skip
    return named(
        "Deployment", name, "apps/v1", marks,
        spec={
            "revisionHistoryLimit": 5,
            "minReadySeconds": 10,
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": surge}},
            "selector": {"matchLabels": dict(marks)},
            "template": {
                "metadata": {"labels": dict(marks)},
                "spec": {"topologySpreadConstraints": spread, **described},
            },
        },
    )  # fmt: skip


def budget(name: str, marks: Mapping[str, str]) -> Object:
    """Lets the cluster evict one pod of a process at a time. With a single pod it can: a node must be drainable."""
    return named(
        "PodDisruptionBudget", name, "policy/v1", marks,
        spec={"maxUnavailable": 1, "selector": {"matchLabels": dict(marks)}},
    )  # fmt: skip


def service(name: str, marks: Mapping[str, str], ports: Mapping[str, tuple[int, int]], **more: Any) -> Object:
    """A Service with these ports, by name: its own, and that of the pods."""
    listed = [{"name": port, "port": own, "targetPort": there} for port, (own, there) in ports.items()]
    return named("Service", name, marks=marks, spec={**more, "selector": dict(marks), "ports": listed})
