"""Renders the gateway's configuration: `python -m deploy.gateway.render > envoy.yaml`.

It reads RELEVE_PORT, RELEVE_OPERATORS_PORT, RELEVE_GATEWAY_ADDRESS, RELEVE_GATEWAY_ADMIN_PORT, RELEVE_RATE_PERSON,
RELEVE_RATE_ADDRESS, RELEVE_TRUSTED_HOPS, RELEVE_ORIGINS, RELEVE_GATEWAY_INNER_PORT, for TLS the files
RELEVE_GATEWAY_CERTIFICATE and RELEVE_GATEWAY_KEY towards clients, RELEVE_INSIDE_CA towards services and
RELEVE_INSIDE_CERTIFICATE towards parts that call for a person and Prometheus, and for each service
RELEVE_GATEWAY_<SERVICE>: its `host:port`s, separated by commas. Routes come from `contracts.parts`. With a folder as
argument, it writes envoy.yaml there, and next to it the documents that Envoy serves.
"""

import ipaddress
import json
import os
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from string import Template
from typing import Any, Self

from contracts.parts import OPERATIONS, PARTS, WITH_HTTP, Route
from deploy.gateway import headers, tokens
from deploy.gateway.documents import FOLDER
from deploy.gateway.headers import FOR_OPERATORS, NOT_FROM_OUTSIDE
from deploy.gateway.tokens import match

HERE = Path(__file__).parent
DOCUMENTS = {  # served by Envoy from files, if they have been built
    "/api/openapi.json": ("openapi.json", "application/json"),
    "/api/docs": ("docs.html", "text/html; charset=utf-8"),
}
NOT_PAGES = ("/api", "/.well-known", "/internal", "/metrics", "/readyz")
"""Paths that a part with the catch-all route `/` does not receive, with all below them."""
# resolves the name to all its addresses every second, so that scaled-up and removed containers are noticed
SIGN_IN = r"/api/(sessions(/refresh)?|accounts(/(verification|password-reset|email|erasure-stop)(/.*)?)?)/?(\?.*)?"
"""Paths whose POST needs no token and costs a password hash or a mail; matched whole."""
ORIGIN = re.compile(r"https?://([a-z0-9.-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?", re.ASCII)
TLS_TYPES = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3"
BY_NAME = "STRICT_DNS\n    dns_refresh_rate: 1s\n    dns_lookup_family: V4_ONLY"


@dataclass(frozen=True)
class Rate:
    """A rate limit: `rate` requests per second sustained, `burst` requests after a pause."""

    rate: int
    burst: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parses `rate/burst`; raises ValueError unless these are whole numbers above zero with burst ≥ rate."""
        try:
            rate, burst = (int(part) for part in text.split("/"))
        except ValueError:
            raise ValueError(f"a rate is two whole numbers like 20/40, not {text!r}") from None
        if rate < 1 or burst < rate:
            raise ValueError(f"a rate is above zero, and its burst not below it: {text!r}")
        return cls(rate, burst)


@dataclass(frozen=True)
class Gateway:
    """The parameters of the gateway's configuration."""

    port: int
    endpoints: Mapping[str, Sequence[str]]  # part → "host:port"s
    address: str = "127.0.0.1"
    admin_port: int = 9901
    metrics_port: int = 0  # 0: any free port
    admin_address: str = "127.0.0.1"
    person: Rate = Rate(20, 40)
    address_rate: Rate = Rate(50, 100)
    sign_in: Rate = Rate(5, 20)  # per address, on the routes of `SIGN_IN`
    jwks_cache: int = 30  # seconds until a new signing key is noticed
    documents: Path = FOLDER
    certificate: str = ""  # paths as Envoy sees them; both enable TLS
    key: str = ""
    inside_ca: str = (
        ""  # enables TLS to services, which must show a certificate of this authority for their host's name
    )
    inside_certificate: str = ""  # with its key; enables TLS on the metrics page
    origins: Sequence[str] = ()  # origins that may call the API from a browser (CORS)
    headers_within: int = 10  # seconds for a request's headers, and for all of it
    request_within: int = 30
    trusted_hops: int = 0  # proxies in front that append the client's address to X-Forwarded-For
    inner_port: int = 0  # the listener for parts that call the API for a person; 0: none
    operators_port: int = 0  # the listener with the operators' routes; 0: none, and the public one has them


class Operators(Enum):
    """Which requests find the operators' routes on a listener.

    `ALL` also marks them, and the listener for parts that call for a person has the routes for `MARKED` requests only:
    the web client passes the mark on, so that its pages reach the operators' API for operators, and nobody else's do.
    """

    NONE = "none"
    MARKED = "marked"
    ALL = "all"


def render(settings: Gateway) -> str:
    """The configuration as YAML; raises ValueError if a service has no endpoint or one is not `host:port`."""
    hops, apart = settings.trusted_hops, bool(settings.operators_port)
    outside = _tls(settings.certificate, settings.key, ["h2", "http/1.1"])
    inside = _tls(settings.inside_certificate, settings.inside_certificate, ["h2", "http/1.1"])
    everybody = Operators.NONE if apart else Operators.ALL
    listeners = [_listener(settings, "gateway", settings.port, hops, outside, everybody)]
    if settings.inner_port:
        listeners.append(_listener(settings, "inner", settings.inner_port, 1, inside, Operators.MARKED))
    if apart:
        listeners.append(_listener(settings, "operators", settings.operators_port, hops, outside, Operators.ALL))
    return Template((HERE / "envoy.yaml").read_text()).substitute(
        ADMIN_ADDRESS=settings.admin_address,
        ADMIN_PORT=settings.admin_port,
        METRICS_ADDRESS=settings.address,
        METRICS_PORT=settings.metrics_port,
        METRICS_TLS=inside,
        LISTENERS="\n".join(listeners),
        CLUSTERS="".join(_cluster(name, settings.endpoints.get(name, ()), settings.inside_ca) for name in WITH_HTTP),
        NAME="NAME",  # in the comment at the top
    )


def _listener(settings: Gateway, name: str, port: int, trusted_hops: int, tls: str, operators: Operators) -> str:
    """One listener of the API. A part that calls for a person adds one hop: it sends the person's address on.

    Where a request finds no route for operators, it is answered 404, with any token and with none.
    """
    mark = json.dumps(headers.put(FOR_OPERATORS, "true"))
    return Template((HERE / "listener.yaml").read_text()).substitute(
        LISTENER=name,
        ADDRESS=settings.address,
        PORT=port,
        PERSON_RATE=settings.person.rate,
        PERSON_BURST=settings.person.burst,
        ADDRESS_RATE=settings.address_rate.rate,
        ADDRESS_BURST=settings.address_rate.burst,
        SIGN_IN=json.dumps(SIGN_IN),
        SIGN_IN_RATE=settings.sign_in.rate,
        SIGN_IN_BURST=settings.sign_in.burst,
        TLS=tls,
        HEADERS_WITHIN=settings.headers_within,
        REQUEST_WITHIN=settings.request_within,
        TRUSTED_HOPS=trusted_hops,
        NOT_FROM_OUTSIDE=json.dumps(NOT_FROM_OUTSIDE),
        FOR_OPERATORS=f"            - {mark}\n" if operators is Operators.ALL else "",
        ANSWERS="\n".join(headers.every_answer(tls=bool(settings.certificate))),
        ORIGINS=json.dumps([{"exact": origin} for origin in settings.origins]),
        DOCUMENTS="\n".join(_documents(settings.documents)),
        ROUTES="\n".join(_routes(operators)),
        PUBLIC="\n".join(tokens.public(operations=operators is not Operators.NONE)),
        PROVIDERS="\n".join(tokens.providers(settings.jwks_cache)),
        TOKENS="\n".join(tokens.required()),
        ONE_TIME=_one_time(),
    )


def origins_of(text: str) -> tuple[str, ...]:
    """Parses origins such as `https://a.example,http://localhost:3000`; raises ValueError for anything else."""
    origins = tuple(part.strip() for part in text.split(",") if part.strip())
    for origin in origins:
        if not ORIGIN.fullmatch(origin):
            raise ValueError(f"an origin is scheme://host or scheme://host:port in lower case, not {origin!r}")
    return origins


def hops_of(text: str) -> int:
    """Parses the number of trusted proxies in front of the gateway; raises ValueError unless it is 0 to 8."""
    if not (text.isascii() and text.isdigit() and int(text) <= 8):
        raise ValueError(f"RELEVE_TRUSTED_HOPS is a whole number from 0 to 8, not {text!r}")
    return int(text)


def port_of(text: str) -> int:
    """Parses the port of the operators' listener, 0 for none; raises ValueError for anything else."""
    if not (text.isascii() and text.isdigit() and int(text) < 65536):
        raise ValueError(f"RELEVE_OPERATORS_PORT is a port, or 0 for none, not {text!r}")
    return int(text)


def _cluster(name: str, endpoints: Sequence[str], ca: str) -> str:
    if not endpoints:
        raise ValueError(f"{name} has no endpoint")
    pairs = []
    for endpoint in endpoints:
        host, _, port = endpoint.strip().rpartition(":")
        if not host or not port.isdigit():
            raise ValueError(f"an endpoint of {name} is host:port, not {endpoint!r}")
        pairs.append((host, int(port)))
    return Template((HERE / "cluster.yaml").read_text()).substitute(
        NAME=name,
        TYPE="STATIC" if all(_is_address(host) for host, _ in pairs) else BY_NAME,
        TLS=_tls_to(name, sorted({host for host, _ in pairs}), ca),
        ENDPOINTS=json.dumps(
            [
                {"endpoint": {"address": {"socket_address": {"address": host, "port_value": port}}}}
                for host, port in pairs
            ]
        ),
    )


def _routes(operators: Operators) -> list[str]:
    """The routes. Envoy takes the first match, so exact paths come first, then prefixes, longest first."""
    every = [(route, part.name) for part in PARTS for route in part.routes]
    if operators is not Operators.NONE:
        every += [(route, part.name) for part in PARTS for route in part.operations]
    every.sort(key=lambda found: (not found[0].exact, -len(found[0].path)))
    lines: list[dict[str, Any]] = []
    for route, cluster in every:
        if route.path == "/":  # the catch-all must not receive unknown API paths
            closed = [Route(path) for path in NOT_PAGES]
            lines += [{"match": match(one), "direct_response": {"status": 404}} for one in closed]
        endless = {"timeout": "0s", "idle_timeout": "0s"} if route.endless else {}
        matched = match(route)
        if operators is Operators.MARKED and route.path.startswith(OPERATIONS):
            matched["headers"] = [*matched.get("headers", []), {"name": FOR_OPERATORS, "present_match": True}]
        lines.append({"match": matched, "route": {"cluster": cluster, **endless}})
    return [f"              - {json.dumps(line)}" for line in lines]


def _one_time() -> str:
    """A quoted regular expression that matches the paths ending in a one-time token."""
    return json.dumps(f"({'|'.join(re.escape(path) for part in PARTS for path in part.one_time)})/.*")


def _tls(certificate: str, key: str, protocols: Sequence[str]) -> str:
    """The transport socket of a listener; empty without a certificate."""
    if not certificate:
        return ""
    context = {
        "@type": f"{TLS_TYPES}.DownstreamTlsContext",
        "common_tls_context": {
            "alpn_protocols": protocols,
            "tls_params": {"tls_minimum_protocol_version": "TLSv1_2"},
            "tls_certificates": [{"certificate_chain": {"filename": certificate}, "private_key": {"filename": key}}],
        },
    }
    return f"      transport_socket: {json.dumps(_socket(context))}\n"


def _tls_to(name: str, hosts: Sequence[str], ca: str) -> str:
    """The transport socket towards a service; empty without an authority.

    Raises ValueError if the service has several hosts: Envoy checks one name for all endpoints of a cluster.
    """
    if not ca:
        return ""
    if len(hosts) != 1:
        raise ValueError(f"{name} has several hosts, and TLS checks one name: give one that resolves to all of them")
    context: dict[str, Any] = {
        "@type": f"{TLS_TYPES}.UpstreamTlsContext",
        "sni": hosts[0],
        "common_tls_context": {
            "tls_params": {"tls_minimum_protocol_version": "TLSv1_3", "tls_maximum_protocol_version": "TLSv1_3"},
            "validation_context": {
                "trusted_ca": {"filename": ca},
                "match_typed_subject_alt_names": [
                    {"san_type": "IP_ADDRESS" if _is_address(hosts[0]) else "DNS", "matcher": {"exact": hosts[0]}}
                ],
            },
        },
    }
    if _is_address(hosts[0]):
        del context["sni"]
    return f"    transport_socket: {json.dumps(_socket(context))}\n"


def _socket(context: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": "envoy.transport_sockets.tls", "typed_config": context}


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _documents(folder: Path) -> list[str]:
    routes = []
    for path, (file, content_type) in DOCUMENTS.items():
        if (folder / file).is_file():
            route = {
                "match": {"path": path},
                "direct_response": {"status": 200, "body": {"filename": str((folder / file).absolute())}},
                "response_headers_to_add": [
                    headers.put("content-type", content_type),
                    *([headers.put("content-security-policy", headers.page_policy((folder / file).read_text("utf-8")))]
                      if content_type.startswith("text/html") else []),
                ],
            }  # fmt: skip
            routes.append(f"              - {json.dumps(route)}")
    return routes


def from_environment(environ: Mapping[str, str]) -> Gateway:
    """Reads the settings from the environment; raises ValueError with a one-line text."""
    return Gateway(
        port=int(environ.get("RELEVE_PORT", "8443")),
        address=environ.get("RELEVE_GATEWAY_ADDRESS", "0.0.0.0"),
        admin_port=int(environ.get("RELEVE_GATEWAY_ADMIN_PORT", "9901")),
        metrics_port=int(environ.get("RELEVE_GATEWAY_METRICS_PORT", "9902")),
        person=Rate.parse(environ.get("RELEVE_RATE_PERSON", "20/40")),
        address_rate=Rate.parse(environ.get("RELEVE_RATE_ADDRESS", "50/100")),
        sign_in=Rate.parse(environ.get("RELEVE_RATE_SIGN_IN", "5/20")),
        certificate=environ.get("RELEVE_GATEWAY_CERTIFICATE", ""),
        key=environ.get("RELEVE_GATEWAY_KEY", ""),
        inside_ca=environ.get("RELEVE_INSIDE_CA", ""),
        inside_certificate=environ.get("RELEVE_INSIDE_CERTIFICATE", ""),
        origins=origins_of(environ.get("RELEVE_ORIGINS", "")),
        trusted_hops=hops_of(environ.get("RELEVE_TRUSTED_HOPS", "0")),
        inner_port=int(environ.get("RELEVE_GATEWAY_INNER_PORT", "0")),
        operators_port=port_of(environ.get("RELEVE_OPERATORS_PORT", "0")),
        endpoints={
            name: environ.get(f"RELEVE_GATEWAY_{name.upper()}", f"{name}:8000").split(",") for name in WITH_HTTP
        },
    )


def put(settings: Gateway, folder: Path) -> None:
    """Writes the configuration and the documents into `folder`, which Envoy must see under the same path."""
    for file, _ in DOCUMENTS.values():
        if (settings.documents / file).is_file():
            shutil.copy(settings.documents / file, folder)
    (folder / "envoy.yaml").write_text(render(replace(settings, documents=folder)))


if __name__ == "__main__":
    try:
        if len(sys.argv) > 1:
            put(from_environment(os.environ), Path(sys.argv[1]))
        else:
            sys.stdout.write(render(from_environment(os.environ)))
    except ValueError as problem:
        sys.exit(f"The gateway's settings: {problem}")
