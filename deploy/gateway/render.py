"""Renders the gateway's configuration: `python -m deploy.gateway.render > envoy.yaml`.

It reads RELEVE_PORT, RELEVE_GATEWAY_ADDRESS, RELEVE_GATEWAY_ADMIN_PORT, RELEVE_RATE_PERSON, RELEVE_RATE_ADDRESS,
RELEVE_ORIGINS, for TLS the files RELEVE_GATEWAY_CERTIFICATE and RELEVE_GATEWAY_KEY, and for each service
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
from pathlib import Path
from string import Template
from typing import Any, Self

from contracts.parts import PARTS, WITH_HTTP, Route
from deploy.gateway import tokens
from deploy.gateway.documents import FOLDER
from deploy.gateway.tokens import match

HERE = Path(__file__).parent
DOCUMENTS = {  # served by Envoy from files, if they have been built
    "/api/openapi.json": ("openapi.json", "application/json"),
    "/api/docs": ("docs.html", "text/html; charset=utf-8"),
}
NOT_PAGES = ("/api", "/.well-known")
"""Prefixes that a part with the catch-all route `/` does not receive."""
# resolves the name to all its addresses every second, so that scaled-up and removed containers are noticed
ORIGIN = re.compile(r"https?://([a-z0-9.-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?", re.ASCII)
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
    jwks_cache: int = 30  # seconds until a new signing key is noticed
    documents: Path = FOLDER
    certificate: str = ""  # paths as Envoy sees them; both enable TLS
    key: str = ""
    origins: Sequence[str] = ()  # origins that may call the API from a browser (CORS)


def render(settings: Gateway) -> str:
    """The configuration as YAML; raises ValueError if a service has no endpoint or one is not `host:port`."""
    return Template((HERE / "envoy.yaml").read_text()).substitute(
        ADDRESS=settings.address,
        PORT=settings.port,
        ADMIN_ADDRESS=settings.admin_address,
        ADMIN_PORT=settings.admin_port,
        METRICS_ADDRESS=settings.address,
        METRICS_PORT=settings.metrics_port,
        PERSON_RATE=settings.person.rate,
        PERSON_BURST=settings.person.burst,
        ADDRESS_RATE=settings.address_rate.rate,
        ADDRESS_BURST=settings.address_rate.burst,
        TLS=_tls(settings),
        ORIGINS=json.dumps([{"exact": origin} for origin in settings.origins]),
        DOCUMENTS="\n".join(_documents(settings.documents)),
        CLUSTERS="".join(_cluster(name, settings.endpoints.get(name, ())) for name in WITH_HTTP),
        ROUTES="\n".join(_routes()),
        PUBLIC="\n".join(tokens.public()),
        PROVIDERS="\n".join(tokens.providers(settings.jwks_cache)),
        TOKENS="\n".join(tokens.required()),
        ONE_TIME=_one_time(),
        NAME="NAME",  # in the comment at the top
    )


def origins_of(text: str) -> tuple[str, ...]:
    """Parses origins such as `https://a.example,http://localhost:3000`; raises ValueError for anything else."""
    origins = tuple(part.strip() for part in text.split(",") if part.strip())
    for origin in origins:
        if not ORIGIN.fullmatch(origin):
            raise ValueError(f"an origin is scheme://host or scheme://host:port in lower case, not {origin!r}")
    return origins


def _cluster(name: str, endpoints: Sequence[str]) -> str:
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
        ENDPOINTS=json.dumps(
            [
                {"endpoint": {"address": {"socket_address": {"address": host, "port_value": port}}}}
                for host, port in pairs
            ]
        ),
    )


def _routes() -> list[str]:
    """The routes. Envoy takes the first match, so exact paths come first, then prefixes, longest first."""
    every = [(route, part.name) for part in PARTS for route in part.routes]
    every.sort(key=lambda found: (not found[0].exact, -len(found[0].path)))
    lines: list[dict[str, Any]] = []
    for route, cluster in every:
        if route.path == "/":  # the catch-all must not receive unknown API paths
            closed = [Route(path) for path in NOT_PAGES]
            lines += [{"match": match(one), "direct_response": {"status": 404}} for one in closed]
        endless = {"timeout": "0s", "idle_timeout": "0s"} if route.endless else {}
        lines.append({"match": match(route), "route": {"cluster": cluster, **endless}})
    return [f"              - {json.dumps(line)}" for line in lines]


def _one_time() -> str:
    """A quoted regular expression that matches the paths ending in a one-time token."""
    return json.dumps(f"({'|'.join(re.escape(path) for part in PARTS for path in part.one_time)})/.*")


def _tls(settings: Gateway) -> str:
    if not settings.certificate:
        return ""
    context = {
        "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
        "common_tls_context": {
            "alpn_protocols": ["h2", "http/1.1"],
            "tls_params": {"tls_minimum_protocol_version": "TLSv1_2"},
            "tls_certificates": [
                {"certificate_chain": {"filename": settings.certificate}, "private_key": {"filename": settings.key}}
            ],
        },
    }
    socket = {"name": "envoy.transport_sockets.tls", "typed_config": context}
    return f"      transport_socket: {json.dumps(socket)}\n"


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
                    {"header": {"key": "content-type", "value": content_type},
                     "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"},
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
        certificate=environ.get("RELEVE_GATEWAY_CERTIFICATE", ""),
        key=environ.get("RELEVE_GATEWAY_KEY", ""),
        origins=origins_of(environ.get("RELEVE_ORIGINS", "")),
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
