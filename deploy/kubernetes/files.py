"""The files of deploy/kubernetes that are derived from the registry; `python -m deploy.derive` writes them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from contracts.parts import CALLED, ISSUER, PARTS, WITH_HTTP
from deploy.kubernetes import gateway
from deploy.kubernetes.fences import of_fences, of_mail_fence
from deploy.kubernetes.objects import GATEWAY_SETTINGS, SETTINGS, Object, named
from deploy.kubernetes.parts import PORT, image_of, of_part
from deploy.kubernetes.scaling import of_scaling
from deploy.kubernetes.tools import TOOLS, of_exporter, of_mail, of_preparation
from deploy.processes import SECRETS

HERE = Path(__file__).parent
HEAD = "# Written by `make parts` from contracts/parts.py; do not edit.\n"
NAMESPACE = "releve"


class _Dumper(yaml.SafeDumper):
    """Writes every value where it is used, without anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def written() -> dict[Path, str]:
    """The text of each derived file."""
    return {
        **{HERE / "base" / name: _yaml(objects) for name, objects in base().items()},
        HERE / "base/settings.env": _env(settings()),
        HERE / "base/gateway.env": _env(gateway_settings()),
        HERE / "base/kustomization.yaml": _yaml([_base_kustomization()]),
        HERE / "scaling/scaling.yaml": _yaml(of_scaling()),
        HERE / "overlays/trial/mail.yaml": _yaml([*of_mail(), *of_mail_fence()]),
    }


def base() -> dict[str, list[Object]]:
    """The objects of the base, by file."""
    restricted = {"pod-security.kubernetes.io/enforce": "restricted"}
    return {
        "namespace.yaml": [named("Namespace", NAMESPACE, marks=restricted)],
        "fences.yaml": of_fences(),
        "preparation.yaml": of_preparation(),
        **{f"{part.name}.yaml": of_part(part) for part in PARTS},
        "gateway.yaml": gateway.of_gateway(),
        "exporter.yaml": of_exporter(),
    }


def settings() -> dict[str, str]:
    """The settings of our processes that the base knows; an overlay adds those of its engines and its address."""
    return {
        **{f"RELEVE_{name.upper()}_URL": f"https://{name}-http:{PORT}" for name in CALLED},
        "RELEVE_KEYS_URL": f"https://{ISSUER}-worker:{PORT}",
        "RELEVE_API_URL": f"https://gateway:{gateway.INNER}",
        "RELEVE_INSIDE_CA": f"{SECRETS}/inside_ca",
        "RELEVE_INSIDE_CERTIFICATE": f"{SECRETS}/inside_certificate",
    }


def gateway_settings() -> dict[str, str]:
    """The settings from which the gateway's configuration is rendered."""
    return {
        "RELEVE_PORT": str(gateway.PUBLIC),
        "RELEVE_OPERATORS_PORT": str(gateway.OPERATORS),
        "RELEVE_GATEWAY_INNER_PORT": str(gateway.INNER),
        "RELEVE_GATEWAY_METRICS_PORT": str(gateway.METRICS),
        "RELEVE_GATEWAY_CERTIFICATE": f"{SECRETS}/gateway_certificate",
        "RELEVE_GATEWAY_KEY": f"{SECRETS}/gateway_key",
        "RELEVE_INSIDE_CA": f"{SECRETS}/inside_ca",
        "RELEVE_INSIDE_CERTIFICATE": f"{SECRETS}/inside_certificate",
        **{f"RELEVE_GATEWAY_{name.upper()}": f"{name}-http:{PORT}" for name in WITH_HTTP},
    }


def images() -> list[str]:
    """The lines of an overlay that give our images a registry and a version."""
    ours = [*(image_of(part) for part in PARTS), TOOLS]
    return [f"- {{ name: {name}, newName: registry.example/{name}, newTag: 0.2.0 }}" for name in ours]


def _base_kustomization() -> Object:
    return {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "namespace": NAMESPACE,
        "resources": list(base()),
        # with a hash of their content in their names: a changed setting replaces the pods, like a new image
        "configMapGenerator": [
            {"name": SETTINGS, "envs": ["settings.env"]},
            {"name": GATEWAY_SETTINGS, "envs": ["gateway.env"]},
        ],
    }


def _yaml(objects: Sequence[Object]) -> str:
    return HEAD + yaml.dump_all(objects, Dumper=_Dumper, sort_keys=False, width=110, default_flow_style=None)


def _env(pairs: Mapping[str, str]) -> str:
    return HEAD + "".join(f"{name}={value}\n" for name, value in pairs.items())
