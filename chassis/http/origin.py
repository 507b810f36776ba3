"""The network that a request comes from, as the gateway says; for limits, never for identity."""

import ipaddress

from flask import request

UNKNOWN = "unknown"
V6_NETWORK = 64
"""One subscriber is usually given a whole IPv6 /64 network."""


def network_of(address: str) -> str:
    """An IPv4 address as it is, an IPv6 address as its /64 network; `UNKNOWN` for anything else."""
    try:
        parsed = ipaddress.ip_address(address.strip())
    except ValueError:
        return UNKNOWN
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, V6_NETWORK), strict=False))
    return str(parsed)


def caller_address() -> str:
    """The address of this request. The gateway overwrites ``X-Forwarded-For``, so the client cannot choose it."""
    return request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()


def caller_network() -> str:
    """The network of this request."""
    return network_of(caller_address())
