"""Envoy's rules on access tokens, from `contracts.parts`: which routes need one, and whose tokens they accept."""

import json
from collections.abc import Sequence
from typing import Any

from contracts.parts import OPERATIONS, PARTS, Part, Route, Tokens


def match(route: Route) -> dict[str, Any]:
    """Envoy's match of a route."""
    where = "path" if route.exact else "prefix" if route.path == "/" else "path_separated_prefix"
    method = [{"name": ":method", "string_match": {"exact": route.method}}] if route.method else []
    return {where: route.path, **({"headers": method} if method else {})}


def public(*, operations: bool) -> list[str]:
    """The rules for routes that need no token. One for an optional token applies only to requests without any.

    Envoy's own `allow_missing` would also let tokens of unknown issuers pass. A listener without ``operations`` asks
    for no token there: it has nothing to protect, and answers 404 to everybody.
    """
    matches = [match(route) for part in PARTS for route in part.public]
    matches += [] if operations else [match(Route(OPERATIONS.rstrip("/")))]
    for route in [route for part in PARTS for route in part.optional]:
        absent = {"name": "authorization", "present_match": True, "invert_match": True}
        matched = match(route)
        matches.append({**matched, "headers": [*matched.get("headers", []), absent]})
    return [f"              - {json.dumps({'match': one})}" for one in matches]


def providers(jwks_cache: int) -> list[str]:
    """Envoy's providers, named after the parts that issue tokens. Keys are fetched every ``jwks_cache`` seconds."""
    return [
        f"                {part.name}: {json.dumps(_provider(part, part.tokens, jwks_cache))}"
        for part in PARTS
        if part.tokens
    ]


def required() -> list[str]:
    """The rules for routes that need a token: first those where a part's own tokens are accepted too, then the rest."""
    everywhere = [part.name for part in PARTS if part.tokens and part.tokens.everywhere]
    rules = [
        {"match": match(route), "requires": _any_of([*everywhere, part.name])}
        for part in PARTS if part.tokens and not part.tokens.everywhere
        for route in part.routes if route.path.startswith("/api/")
    ]  # fmt: skip
    rules.append({"match": match(Route("/api")), "requires": _any_of(everywhere)})
    return [f"              - {json.dumps(rule)}" for rule in rules]


def _provider(part: Part, tokens: Tokens, jwks_cache: int) -> dict[str, Any]:
    return {
        "issuer": tokens.issuer,
        "audiences": ["releve-api"],
        "require_expiration": True,
        "clock_skew_seconds": 5,
        "from_headers": [{"name": "authorization", "value_prefix": "Bearer "}],  # never from a query
        "forward": True,
        "payload_in_metadata": "jwt",  # the limit for each person reads `sub` from it, whichever provider it is
        "remote_jwks": {
            "http_uri": {"uri": f"http://{part.name}{tokens.keys}", "cluster": part.name, "timeout": "2s"},
            "cache_duration": f"{jwks_cache}s",
            "async_fetch": {"fast_listener": True, "failed_refetch_duration": "1s"},
        },
    }


def _any_of(providers: Sequence[str]) -> dict[str, Any]:
    required = [{"provider_name": name} for name in providers]
    return required[0] if len(required) == 1 else {"requires_any": {"requirements": required}}
