"""Network policies: a pod reaches only what it calls, and is reached only by what calls it.

They allow the same connections as the networks of compose, but in one direction only: a pod that accepts connections
from another cannot open any to it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contracts.parts import ISSUER, PAIRS, PARTS, WITH_HTTP
from deploy.kubernetes import gateway
from deploy.kubernetes.objects import Object, labels, named
from deploy.kubernetes.parts import PORT, processes
from deploy.kubernetes.tools import EXPORTER, MAIL, MAIL_PORT

ENGINE = "releve/engine"
"""The label of the namespaces in which the engines run: `kafka`, `mongo`."""
WATCHES = "releve/monitoring"
"""The label, with the value `true`, of the namespace in which Prometheus runs."""
KAFKA, MONGO, SERVERS, ANYBODY, PROMETHEUS = "Kafka", "MongoDB", "mail servers", "anybody", "Prometheus"
PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16")
OUTSIDE: Mapping[str, Sequence[Object]] = {
    KAFKA: [{"namespaceSelector": {"matchLabels": {ENGINE: "kafka"}}}],
    MONGO: [{"namespaceSelector": {"matchLabels": {ENGINE: "mongo"}}}],
    SERVERS: [{"ipBlock": {"cidr": "0.0.0.0/0", "except": list(PRIVATE)}}],
    ANYBODY: [],
    PROMETHEUS: [{"namespaceSelector": {"matchLabels": {WATCHES: "true"}}}],
}
PORTS: Mapping[str, Sequence[Object]] = {
    KAFKA: [{"protocol": "TCP", "port": 9092, "endPort": 9098}],  # brokers differ in the port of SASL with TLS
    MONGO: [{"protocol": "TCP", "port": 27017}],
    SERVERS: [{"protocol": "TCP", "port": port} for port in (25, 465, 587)],
}


@dataclass(frozen=True)
class Edge:
    """`source` opens connections to `target`, at this port; 0 stands for the ports of an engine or mail server."""

    source: str
    target: str
    port: int = 0


def pods() -> dict[str, dict[str, str]]:
    """The labels of all pods that have a policy, by name."""
    every = processes() | {"gateway": labels("gateway", "gateway"), "exporter": EXPORTER}
    every |= {f"{part.name}-migrate": labels(part.name, "preparation") for part in PARTS if part.database}
    return every | {name: labels(name, "preparation") for name in ("kafka-users", "mongo-users")}


def edges() -> list[Edge]:
    """Every connection that is allowed, except to the name service."""
    found = [Edge(ANYBODY, "gateway", gateway.PUBLIC), Edge(PROMETHEUS, "gateway", gateway.METRICS)]
    found += [Edge("gateway", f"{name}-http", PORT) for name in WITH_HTTP]
    for part in PARTS:
        for side, name in zip(part.sides, part.processes, strict=True):
            called = [f"{other}-http" for caller, other in PAIRS if caller == part.name]
            found += [Edge(name, other, PORT) for other in called]
            found += [Edge(name, f"{ISSUER}-worker", PORT)] if name != f"{ISSUER}-worker" else []  # the public keys
            found += [Edge(name, KAFKA)] if part.on_kafka else []
            found += [Edge(name, MONGO)] if part.database else [Edge(name, "gateway", gateway.INNER)]
            found += [Edge(name, SERVERS)] if side in part.outside else []
            found += [Edge(PROMETHEUS, name, PORT)]
        found += [Edge(f"{part.name}-migrate", MONGO)] if part.database else []
    found += [Edge("kafka-users", KAFKA), Edge("mongo-users", MONGO)]
    return [*found, Edge("exporter", KAFKA), Edge("exporter", MONGO), Edge(PROMETHEUS, "exporter", PORT)]


def of_fences() -> list[Object]:
    """The policy that forbids everything but the name service, and one for each process with what it may do."""
    names: Object = {
        "to": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
                "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}}}],
        "ports": [{"protocol": protocol, "port": 53} for protocol in ("UDP", "TCP")],
    }  # fmt: skip
    nothing = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"], "egress": [names]}
    return [_policy("nothing-else", nothing), *(_of_pod(name, marks) for name, marks in pods().items())]


def of_mail_fence() -> list[Object]:
    """For trials: the processes that send mails reach the mail sink."""
    senders = [labels(part.name, side) for part in PARTS for side in part.outside]
    ports = [{"protocol": "TCP", "port": MAIL_PORT}]
    peers = [{"podSelector": {"matchLabels": marks}} for marks in senders]
    return [
        _policy("mail", {"podSelector": {"matchLabels": MAIL}, "policyTypes": ["Ingress"],
                         "ingress": [{"from": peers, "ports": ports}]}),
        *(
            _policy(f"{marks['app.kubernetes.io/name']}-to-mail", {
                "podSelector": {"matchLabels": marks}, "policyTypes": ["Egress"],
                "egress": [{"to": [{"podSelector": {"matchLabels": MAIL}}], "ports": ports}],
            })
            for marks in senders
        ),
    ]  # fmt: skip


def _of_pod(name: str, marks: Mapping[str, str]) -> Object:
    spec: Object = {"podSelector": {"matchLabels": dict(marks)}, "policyTypes": ["Ingress", "Egress"]}
    if into := [_rule("from", edge.source, edge) for edge in edges() if edge.target == name]:
        spec["ingress"] = into
    if out := [_rule("to", edge.target, edge) for edge in edges() if edge.source == name]:
        spec["egress"] = out
    return _policy(name, spec)


def _rule(direction: str, peer: str, edge: Edge) -> Object:
    peers = OUTSIDE[peer] if peer in OUTSIDE else [{"podSelector": {"matchLabels": pods()[peer]}}]
    ports = PORTS[edge.target] if not edge.port else [{"protocol": "TCP", "port": edge.port}]
    return {**({direction: list(peers)} if peers else {}), "ports": list(ports)}


def _policy(name: str, spec: Object) -> Object:
    return named("NetworkPolicy", name, "networking.k8s.io/v1", spec=spec)
