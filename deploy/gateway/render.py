"""Fills in the gateway's configuration: `python -m deploy.gateway.render > envoy.yaml`.

It reads RELEVE_PORT, RELEVE_GATEWAY_ADDRESS, RELEVE_GATEWAY_ADMIN_PORT, RELEVE_RATE_PERSON, RELEVE_RATE_ADDRESS
and, for each service, RELEVE_GATEWAY_<SERVICE>: its `host:port`s, separated by commas.
"""

import ipaddress
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import Self

HERE = Path(__file__).parent
SERVICES = ("accounts", "projects", "matching", "quotes", "notify")
DOCUMENTS = {  # what Envoy answers from a file beside this one, where it has been built
    "/api/openapi.json": ("openapi.json", "application/json"),
    "/api/docs": ("docs.html", "text/html; charset=utf-8"),
}


@dataclass(frozen=True)
class Rate:
    """How often: `rate` requests a second for long, `burst` at once after a pause."""

    rate: int
    burst: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """From `rate/burst`; raises ValueError where these are not two whole numbers above zero."""
        try:
            rate, burst = (int(part) for part in text.split("/"))
        except ValueError:
            raise ValueError(f"a rate is two whole numbers like 20/40, not {text!r}") from None
        if rate < 1 or burst < rate:
            raise ValueError(f"a rate is above zero, and its burst not below it: {text!r}")
        return cls(rate, burst)


@dataclass(frozen=True)
class Gateway:
    """All that the gateway's configuration depends on."""

    port: int
    endpoints: Mapping[str, Sequence[str]]  # service → "host:port"s
    address: str = "127.0.0.1"
    admin_port: int = 9901
    admin_address: str = "127.0.0.1"
    person: Rate = Rate(20, 40)
    address_rate: Rate = Rate(50, 100)
    jwks_cache: int = 30  # seconds: how soon a new signing key is known
    documents: Path = field(default=HERE)


def render(settings: Gateway) -> str:
    """The configuration as YAML; raises ValueError where a service has no endpoint or one is not `host:port`."""
    return Template((HERE / "envoy.yaml").read_text()).substitute(
        ADDRESS=settings.address,
        PORT=settings.port,
        ADMIN_ADDRESS=settings.admin_address,
        ADMIN_PORT=settings.admin_port,
        PERSON_RATE=settings.person.rate,
        PERSON_BURST=settings.person.burst,
        ADDRESS_RATE=settings.address_rate.rate,
        ADDRESS_BURST=settings.address_rate.burst,
        JWKS_CACHE=f"{settings.jwks_cache}s",
        DOCUMENTS="\n".join(_documents(settings.documents)),
        CLUSTERS="".join(_cluster(name, settings.endpoints.get(name, ())) for name in SERVICES),
        NAME="NAME",  # of the comment at the top
    )


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
        TYPE="STATIC" if all(_is_address(host) for host, _ in pairs) else "STRICT_DNS",
        ENDPOINTS=json.dumps(
            [
                {"endpoint": {"address": {"socket_address": {"address": host, "port_value": port}}}}
                for host, port in pairs
            ]
        ),
    )


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
    """The settings as the environment gives them; raises ValueError with one line."""
    return Gateway(
        port=int(environ.get("RELEVE_PORT", "8443")),
        address=environ.get("RELEVE_GATEWAY_ADDRESS", "0.0.0.0"),
        admin_port=int(environ.get("RELEVE_GATEWAY_ADMIN_PORT", "9901")),
        person=Rate.parse(environ.get("RELEVE_RATE_PERSON", "20/40")),
        address_rate=Rate.parse(environ.get("RELEVE_RATE_ADDRESS", "50/100")),
        endpoints={
            name: environ.get(f"RELEVE_GATEWAY_{name.upper()}", f"{name}:8000").split(",") for name in SERVICES
        },
    )


if __name__ == "__main__":
    try:
        sys.stdout.write(render(from_environment(os.environ)))
    except ValueError as problem:
        sys.exit(f"The gateway's settings: {problem}")
