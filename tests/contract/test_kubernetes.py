"""The manifests of deploy/kubernetes: valid by Kubernetes' own schemas, and the same system as compose."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from contracts.parts import DATABASES, ISSUER, PAIRS, PARTS
from contracts.topics import TOPICS
from deploy.kubernetes import fences, files, gateway
from deploy.kubernetes.secrets import main, mounted, secrets
from deploy.kubernetes.tools import MAIL_PORT
from deploy.prepare import prepare
from tests.kit.manifests import file_of, schema, validate

VERSIONS = ("1.30", "1.37")
"""The oldest version of Kubernetes that the manifests are for, and the newest whose schemas are at hand."""
OVERLAYS = ("trial", "production")
UNWATCHED = ("exporter", "mail")
PROCESSES = [name for part in PARTS for name in part.processes]


def folder(root: Path) -> Path:
    return root / "deploy/kubernetes"


def every_file(root: Path) -> list[Path]:
    return [path for path in sorted(folder(root).rglob("*.yaml")) if path.name != "kustomization.yaml"]


def objects_of(path: Path) -> list[Any]:
    return list(yaml.safe_load_all(path.read_text()))


@pytest.fixture(scope="module")
def objects(root: Path) -> list[Any]:
    """All objects that are derived."""
    return [one for path in every_file(root) for one in objects_of(path)]


@pytest.fixture(scope="module")
def compose(root: Path) -> Any:
    """The services of compose, those of monitoring too."""
    found = [yaml.safe_load((root / f"deploy/{name}compose.yaml").read_text()) for name in ("", "monitoring/")]
    return found[0]["services"] | found[1]["services"]


def of_kind(objects: list[Any], *kinds: str) -> dict[str, Any]:
    return {one["metadata"]["name"]: one for one in objects if one["kind"] in kinds}


def pods(objects: list[Any]) -> dict[str, Any]:
    return {name: one["spec"]["template"]["spec"] for name, one in of_kind(objects, "Deployment", "Job").items()}


@pytest.mark.parametrize("version", VERSIONS)
def test_every_manifest_is_valid(objects: list[Any], version: str) -> None:
    assert {one["kind"] for one in objects} >= {"Deployment", "Job", "NetworkPolicy", "ScaledObject"}
    for one in objects:
        validate(one, version)


@pytest.mark.parametrize(
    ("kind", "place", "planted"),
    [
        ("Deployment", ("spec", "template", "spec", "containers", 0), {"livenessprobe": {}}),
        ("Deployment", ("spec", "template", "spec"), {"terminationGracePeriodSeconds": "10s"}),
        ("NetworkPolicy", ("spec",), {"egres": []}),
        ("ScaledObject", ("spec",), {"maxReplicas": 12}),
        ("ScaledObject", ("spec", "triggers", 0, "metadata"), {"bootstrap": "kafka:9092"}),
        ("TriggerAuthentication", ("spec",), {"secretRef": []}),
    ],
)
def test_unknown_field_or_wrong_value_is_refused(
    objects: list[Any], kind: str, place: tuple[Any, ...], planted: dict[str, Any]
) -> None:
    broken = deepcopy(next(one for one in objects if one["kind"] == kind))
    inside = broken
    for key in place:
        inside = inside[key]
    inside.update(planted)
    with pytest.raises(jsonschema.ValidationError):
        validate(broken, VERSIONS[-1])


def test_folder_holds_no_file_of_a_removed_part(root: Path) -> None:
    found = {path for path in folder(root).rglob("*") if path.suffix in (".yaml", ".env")}
    by_hand = {path for path in found if path.name == "kustomization.yaml" and path.parent.name != "base"}
    assert found - by_hand == files.written().keys()


def kustomizations(root: Path) -> Iterator[tuple[Path, Any]]:
    for path in folder(root).rglob("kustomization.yaml"):
        yield path, yaml.safe_load(path.read_text())


def test_kustomizations_name_what_exists(root: Path, objects: list[Any]) -> None:
    images = {one["image"] for pod in pods(objects).values() for one in pod["containers"]}
    for path, found in kustomizations(root):
        named = [*found.get("resources", []), *found.get("components", [])]
        assert all((path.parent / name).exists() for name in named), path
        for image in found.get("images", []):
            assert image["name"] in images, image
        for patch in found.get("patches", []):
            wanted = patch["target"]
            targets = [one for one in objects if one["kind"] == wanted["kind"]
                       and wanted.get("name") in (None, one["metadata"]["name"])]  # fmt: skip
            assert targets, wanted
            for step in yaml.safe_load(patch["patch"]):
                for target in targets:
                    follow(target, step)


def follow(found: Any, step: dict[str, Any]) -> None:
    """Raises KeyError or IndexError if a step of a patch cannot be applied."""
    *way, last = step["path"].strip("/").split("/")
    for name in way:
        found = found[int(name)] if isinstance(found, list) else found[name]
    if step["op"] == "replace":
        assert last in found, step


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_overlay_builds_and_is_valid(root: Path, overlay: str) -> None:
    built = build(root, overlay)
    found = list(yaml.safe_load_all(built))
    for one in found:
        validate(one, VERSIONS[-1])
        assert one["metadata"].get("namespace", "releve") == "releve"
    settings = [name for name in of_kind(found, "ConfigMap") if name.startswith("settings-")]
    assert len(settings) == 1, "with a hash, so that a changed setting replaces the pods"
    for name, pod in pods(found).items():
        sources = {source["configMapRef"]["name"] for one in pod["containers"] for source in one.get("envFrom", [])}
        assert sources in ({settings[0]}, set()), name
        images = {one["image"] for one in pod["containers"]}
        assert overlay == "trial" or all(":" in image for image in images), f"{name}: without a version"


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_kubeconform_agrees(root: Path, overlay: str, tmp_path: Path) -> None:
    if not (kubeconform := shutil.which("kubeconform")):
        pytest.skip("kubeconform is missing; the same schemas are checked without it")
    built = build(root, overlay)
    for one in yaml.safe_load_all(built):
        kind = one["kind"], one["apiVersion"]
        (tmp_path / f"{file_of(*kind)}.json").write_text(json.dumps(schema(*kind, VERSIONS[-1])))
    place = f"{tmp_path}/{{{{ .ResourceKind }}}}{{{{ .KindSuffix }}}}.json"
    done = subprocess.run([kubeconform, "-strict", "-schema-location", place, "-"], input=built, capture_output=True,
                          text=True, timeout=120, check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout


def build(root: Path, overlay: str) -> str:
    """What the overlay yields. Skips the test where kubectl is missing."""
    if not (kubectl := shutil.which("kubectl")):
        pytest.skip("kubectl is missing, which applies the overlays; the derived manifests are checked without it")
    command = [kubectl, "kustomize", str(folder(root) / "overlays" / overlay)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_pod_is_confined(objects: list[Any]) -> None:
    for name, pod in pods(objects).items():
        assert pod["automountServiceAccountToken"] is False, name
        assert pod["serviceAccountName"] in of_kind(objects, "ServiceAccount"), name
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert not pod.keys() & {"hostNetwork", "hostPID", "hostIPC"}, name
        assert {key for volume in pod["volumes"] for key in volume} <= {"name", "emptyDir", "projected"}, name
        for one in [*pod["containers"], *pod.get("initContainers", [])]:
            assert one["securityContext"]["readOnlyRootFilesystem"] is True, name
            assert one["securityContext"]["allowPrivilegeEscalation"] is False, name
            assert one["securityContext"]["capabilities"] == {"drop": ["ALL"]}, name
            assert one["resources"]["limits"]["memory"], name
    assert all(one["automountServiceAccountToken"] is False for one in of_kind(objects, "ServiceAccount").values())


def mounts_of(pod: Any) -> dict[str, str]:
    """The files that a pod mounts from Secrets, by the name under which it finds each."""
    (volume,) = [volume for volume in pod["volumes"] if volume["name"] == "secrets"]
    sources = [source["secret"] for source in volume["projected"]["sources"]]
    assert [one for one in sources if "items" not in one] == [{"name": "engines-ca", "optional": True}]
    return {item["path"]: item["key"] for one in sources for item in one.get("items", [])}


@pytest.mark.parametrize("name", [*PROCESSES, "exporter", "gateway"])
def test_process_has_the_secrets_limits_and_stop_of_compose(objects: list[Any], compose: Any, name: str) -> None:
    pod, same = pods(objects)[name], compose[name]
    (main,) = pod["containers"]
    given = {secret if isinstance(secret, str) else secret["target"]: secret if isinstance(secret, str)
             else secret["source"] for secret in same["secrets"]}  # fmt: skip
    assert mounts_of(pod) == given
    limit = re.sub(r"\$\{\w+:-(\w+)\}", r"\1", same["mem_limit"])
    assert main["resources"]["limits"]["memory"] == limit.replace("m", "Mi").replace("g", "Gi")
    if name in PROCESSES:
        assert main["args"] == same["command"]
        assert pod["terminationGracePeriodSeconds"] == int(same["stop_grace_period"].removesuffix("s"))
        own = {one["name"]: one["value"] for one in main["env"]}
        assert own.items() <= same["environment"].items()
        assert {key for key in same["environment"] if key.endswith("_FILE")} <= own.keys()


def test_settings_are_those_of_compose(compose: Any) -> None:
    for process, found in (("quotes-http", files.settings()), ("gateway-config", files.gateway_settings())):
        theirs = compose[process]["environment"]
        assert {name: theirs.get(name, value) for name, value in found.items()} == found
        fixed = {name for name, value in theirs.items() if value and "$" not in value and not name.endswith("_FILE")}
        assert fixed - {"RELEVE_KAFKA_USER"} <= found.keys()


def test_probes_are_the_health_checks_of_the_containers(objects: list[Any], compose: Any, root: Path) -> None:
    (check,) = re.findall(r"^HEALTHCHECK (.*) CMD", (root / "deploy/Dockerfile").read_text(), re.MULTILINE)
    flags = {name: int(value) for name, value in re.findall(r"--([a-z-]+)=(\d+)", check)}
    for name in PROCESSES:
        (main,) = pods(objects)[name]["containers"]
        start, ready, alive = (main[f"{kind}Probe"] for kind in ("startup", "readiness", "liveness"))
        assert (ready["periodSeconds"], ready["timeoutSeconds"], ready["failureThreshold"]) == (
            flags["interval"], flags["timeout"], flags["retries"],
        ), name  # fmt: skip
        assert start["periodSeconds"] * start["failureThreshold"] == flags["start-period"], name
        assert (ready["httpGet"]["path"], alive["httpGet"]["path"]) == ("/readyz", "/healthz"), name
    (envoy,) = pods(objects)["gateway"]["containers"]
    asked = compose["gateway"]["healthcheck"]["test"][1:]
    assert envoy["readinessProbe"]["exec"]["command"] == [part.replace("$$", "$") for part in asked]
    assert envoy["image"] in compose["gateway"]["image"]
    assert set(compose["gateway"]["command"]) <= set(envoy["args"])


def test_update_and_eviction_leave_pods_running(objects: list[Any]) -> None:
    budgets = of_kind(objects, "PodDisruptionBudget")
    for name, one in of_kind(objects, "Deployment").items():
        if name in UNWATCHED:
            continue
        assert one["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0, name
        assert "replicas" not in one["spec"], f"{name}: an update would undo the autoscaler"
        labels = one["spec"]["selector"]["matchLabels"]
        assert budgets[name]["spec"] == {"maxUnavailable": 1, "selector": {"matchLabels": labels}}
        assert one["spec"]["template"]["metadata"]["labels"] == labels
        spread = one["spec"]["template"]["spec"]["topologySpreadConstraints"]
        assert {rule["topologyKey"] for rule in spread} == {"topology.kubernetes.io/zone", "kubernetes.io/hostname"}
    stop = pods(objects)["gateway"]["terminationGracePeriodSeconds"]
    assert stop > gateway.DRAIN_S, "it is killed only after it has drained"


def test_each_process_is_scaled_within_its_bounds(objects: list[Any]) -> None:
    processor = of_kind(objects, "HorizontalPodAutoscaler")
    assert processor.keys() == {*(f"{part.name}-http" for part in PARTS if "http" in part.sides), "gateway"}
    lag = of_kind(objects, "ScaledObject")
    assert lag.keys() == {f"{part.name}-worker" for part in PARTS if part.dead_letters}
    most = max(topic.partitions for topic in TOPICS)
    for name, one in lag.items():
        assert one["spec"]["scaleTargetRef"]["name"] == name
        assert 1 < one["spec"]["minReplicaCount"] <= one["spec"]["maxReplicaCount"] <= most, "no worker stays idle"
        assert one["spec"]["triggers"][0]["metadata"]["consumerGroup"] == name.removesuffix("-worker")


def test_no_manifest_contains_a_secret(objects: list[Any], root: Path) -> None:
    assert not of_kind(objects, "Secret")
    for name, pod in pods(objects).items():
        for one in pod["containers"]:
            assert not [given for given in one.get("env", []) if "valueFrom" in given], name
    assert not [path for path, found in kustomizations(root) if "secretGenerator" in found]


def test_secrets_are_printed_from_the_folder_of_compose(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prepare(tmp_path)
    made = {one["metadata"]["name"]: one["stringData"] for one in secrets(tmp_path, "db-0:27017,db-1:27017", "set")}
    assert made["quotes-kafka"] == {"quotes_kafka": (tmp_path / "quotes_kafka").read_text().strip()}
    drawn = (tmp_path / "quotes_mongo").read_text().strip()
    (moved,) = made["quotes-mongo"].values()
    assert moved == drawn.replace("@mongo:27017", "@db-0:27017,db-1:27017").replace("=rs0", "=set")
    (admin,) = made["mongo-admin-uri"].values()
    assert admin.startswith("mongodb://admin:")
    assert "inside_authority" not in mounted(), "its key signs every certificate"
    for one in secrets(tmp_path, "db-0:27017", "set"):
        validate(one, VERSIONS[-1])
    assert main(["--mongo", "db-0:27017", "--folder", str(tmp_path / "elsewhere")]) == 1
    assert "No Secrets are printed" in capsys.readouterr().err


def networks_of(compose: Any, name: str) -> set[str]:
    return set(compose[name].get("networks", ())) - {"edge"}


def test_policies_allow_no_more_than_composes_networks(compose: Any) -> None:
    for edge in fences.edges():
        if {edge.source, edge.target} <= compose.keys():
            shared = networks_of(compose, edge.source) & networks_of(compose, edge.target)
            assert shared, f"{edge.source} does not reach {edge.target} in compose"
    engines = {fences.KAFKA: "kafka-1", fences.MONGO: "mongo-1"}
    for edge in fences.edges():
        if edge.target in engines and edge.source in compose and "networks" in compose[edge.source]:
            assert networks_of(compose, edge.source) & networks_of(compose, engines[edge.target]), edge


def test_policies_allow_what_each_process_needs() -> None:
    there = {(edge.source, edge.target) for edge in fences.edges()}
    for part in PARTS:
        for name in part.processes:
            assert ((name, fences.KAFKA) in there) is part.on_kafka
            assert ((name, fences.MONGO) in there) is bool(part.database)
            assert (name, f"{ISSUER}-worker") in there or name == f"{ISSUER}-worker"
        assert ("gateway", f"{part.name}-http") in there
        assert ("gateway", f"{part.name}-worker") not in there
    for caller, called in PAIRS:
        assert {(f"{caller}-http", f"{called}-http"), (f"{caller}-worker", f"{called}-http")} <= there
    assert {source for source, target in there if target == fences.SERVERS} == {
        f"{part.name}-{side}" for part in PARTS for side in part.outside
    }
    assert ("quotes-http", "accounts-http") not in there
    assert ("gateway", fences.MONGO) not in there


def test_every_edge_is_in_the_policies_of_both_ends(objects: list[Any]) -> None:
    policies = of_kind(objects, "NetworkPolicy")
    assert policies["nothing-else"]["spec"]["podSelector"] == {}
    assert set(policies["nothing-else"]["spec"]["policyTypes"]) == {"Ingress", "Egress"}
    selectors = {name: {"matchLabels": labels} for name, labels in fences.pods().items()}
    for name, selector in selectors.items():
        assert policies[name]["spec"]["podSelector"] == selector
    for edge in fences.edges():
        if edge.source in selectors:
            assert any(meets(rule, "to", edge, selectors) for rule in policies[edge.source]["spec"]["egress"]), edge
        if edge.target in selectors:
            assert any(meets(rule, "from", edge, selectors) for rule in policies[edge.target]["spec"]["ingress"]), edge
    rules = sum(len(policies[name]["spec"].get(way, [])) for name in selectors for way in ("ingress", "egress"))
    inside = sum((edge.source in selectors) + (edge.target in selectors) for edge in fences.edges())
    assert rules == inside, "and nothing more"


def meets(rule: Any, direction: str, edge: fences.Edge, selectors: dict[str, Any]) -> bool:
    other = edge.target if direction == "to" else edge.source
    peers = [{"podSelector": selectors[other]}] if other in selectors else list(fences.OUTSIDE[other])
    ports = [{"protocol": "TCP", "port": edge.port}] if edge.port else list(fences.PORTS[edge.target])
    return bool(rule.get(direction, []) == peers and rule["ports"] == ports)


def test_every_label_that_a_policy_or_service_selects_belongs_to_a_pod(objects: list[Any]) -> None:
    worn = [one["spec"]["template"]["metadata"]["labels"] for one in of_kind(objects, "Deployment", "Job").values()]
    for labels in fences.pods().values():
        assert labels in worn
    for name, one in of_kind(objects, "Service").items():
        assert one["spec"]["selector"] in worn, name


def test_trial_mails_stay_inside(objects: list[Any]) -> None:
    policy = of_kind(objects, "NetworkPolicy")["mail"]["spec"]
    assert policy["ingress"][0]["ports"] == [{"protocol": "TCP", "port": MAIL_PORT}]
    assert "egress" not in policy


def test_data_are_migrated_by_a_job_of_each_service(objects: list[Any]) -> None:
    jobs = of_kind(objects, "Job")
    assert jobs.keys() == {*(f"{name}-migrate" for name in DATABASES), "kafka-users", "mongo-users"}
    for name in DATABASES:
        (main,) = pods(objects)[f"{name}-migrate"]["containers"]
        assert main["args"] == ["migrate"]
