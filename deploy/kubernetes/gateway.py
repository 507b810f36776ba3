"""The gateway: Envoy, with the configuration that an init container renders from the gateway's settings."""

from deploy.kubernetes.objects import (
    GATEWAY_SETTINGS,
    Object,
    account,
    budget,
    container,
    deployment,
    labels,
    pod,
    resources,
    secret_files,
    service,
    settings_from,
)
from deploy.kubernetes.tools import TOOLS

ENVOY = "envoyproxy/envoy:v1.40.0"
USER = 101
PUBLIC, INNER, OPERATORS, METRICS = 8443, 8444, 8445, 9902
DRAIN_S = 15
"""How long a gateway that stops goes on serving: new connections go to another one meanwhile."""
HEADERS = r"HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n"
ASK = f"exec 3<>/dev/tcp/127.0.0.1/9901 && printf '{{}} {HEADERS}' >&3"
READY = ASK.format("GET /ready") + " && grep -q LIVE <&3"
"""The admin page is on loopback, so it is asked inside the container, as in compose."""
DRAIN = ASK.format("POST /drain_listeners?graceful") + f"; sleep {DRAIN_S}"


def of_gateway() -> list[Object]:
    """All objects of the gateway, with one Service for clients, one for operators and one for the pages."""
    marks = labels("gateway", "gateway")
    folder = {"name": "gateway", "mountPath": "/gateway"}
    render = container(
        "config", TOOLS, files=False, command=["python", "-m", "deploy.gateway.render", "/gateway"],
        envFrom=settings_from(GATEWAY_SETTINGS), resources=resources("256m", "100m"), volumeMounts=[folder],
        securityContext={
            "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
            "runAsUser": 10001,
        },
    )  # fmt: skip
    asked = {"exec": {"command": ["bash", "-c", READY]}, "periodSeconds": 5, "timeoutSeconds": 10}
    main = container(
        "envoy", ENVOY, command=["envoy"],
        args=["--config-path", "/gateway/envoy.yaml", "--concurrency", "2", "--log-level", "warning",
              "--disable-hot-restart", "--drain-time-s", str(DRAIN_S)],
        ports=[{"name": name, "containerPort": port} for name, port in
               {"public": PUBLIC, "inner": INNER, "operators": OPERATORS, "metrics": METRICS}.items()],
        resources=resources("256m", "500m"),
        startupProbe=asked | {"failureThreshold": 48}, readinessProbe=asked | {"failureThreshold": 4},
        livenessProbe=asked | {"failureThreshold": 6},
        lifecycle={"preStop": {"exec": {"command": ["bash", "-c", DRAIN]}}},
        volumeMounts=[folder | {"readOnly": True}],
    )  # fmt: skip
    files = {"gateway_certificate": "gateway_certificate", "gateway_key": "gateway_key", "inside_ca": "inside_ca",
             "gateway_tls": "inside_certificate"}  # fmt: skip
    described = pod(
        "gateway", [main], [{"name": "gateway", "emptyDir": {"sizeLimit": "16Mi"}}, secret_files(files)], user=USER,
        terminationGracePeriodSeconds=DRAIN_S + 15, initContainers=[render],
    )  # fmt: skip
    return [
        account("gateway"),
        deployment("gateway", marks, described),
        service("gateway", marks, {"inner": (INNER, INNER), "metrics": (METRICS, METRICS)}),
        service("public", marks, {"https": (443, PUBLIC)}),
        service("operators", marks, {"https": (OPERATORS, OPERATORS)}),
        budget("gateway", marks),
    ]
