"""The generated configuration of the gateway."""

import json
import re
from pathlib import Path

import pytest
import yaml

from contracts.parts import PARTS, WITH_HTTP, Part, Route, Tokens
from deploy.gateway import documents
from deploy.gateway.headers import FOR_OPERATORS
from deploy.gateway.render import NOT_PAGES, SIGN_IN, Gateway, Rate, from_environment, render

ENDPOINTS = {name: [f"127.0.0.1:{8000 + n}"] for n, name in enumerate(WITH_HTTP)}


def manager(text: str, name: str = "gateway") -> dict:
    listeners = yaml.safe_load(text)["static_resources"]["listeners"]
    listener = next(one for one in listeners if one["name"] == name)
    return listener["filter_chains"][0]["filters"][0]["typed_config"]


def test_each_service_has_a_cluster_of_all_its_endpoints() -> None:
    text = render(Gateway(port=8080, endpoints=ENDPOINTS | {"quotes": ["127.0.0.1:1", "127.0.0.2:2"]}))
    clusters = {cluster["name"]: cluster for cluster in yaml.safe_load(text)["static_resources"]["clusters"]}
    assert set(clusters) == {*WITH_HTTP, "admin"}
    addresses = [
        endpoint["endpoint"]["address"]["socket_address"]
        for endpoint in clusters["quotes"]["load_assignment"]["endpoints"][0]["lb_endpoints"]
    ]
    assert addresses == [{"address": "127.0.0.1", "port_value": 1}, {"address": "127.0.0.2", "port_value": 2}]
    assert clusters["quotes"]["type"] == "STATIC"


def test_endpoints_given_by_name_are_resolved() -> None:
    text = render(Gateway(port=8080, endpoints=ENDPOINTS | {"quotes": ["quotes:8000"]}))
    types = {cluster["name"]: cluster["type"] for cluster in yaml.safe_load(text)["static_resources"]["clusters"]}
    assert (types["quotes"], types["accounts"]) == ("STRICT_DNS", "STATIC")


@pytest.mark.parametrize("endpoints", [[], ["quotes"], ["quotes:http"], [":80"]])
def test_service_without_a_valid_endpoint_is_refused(endpoints: list[str]) -> None:
    with pytest.raises(ValueError, match="quotes"):
        render(Gateway(port=8080, endpoints=ENDPOINTS | {"quotes": endpoints}))


def test_inner_listener_takes_the_address_of_one_hop_and_no_tls() -> None:
    text = render(Gateway(port=8443, endpoints=ENDPOINTS, inner_port=8444, certificate="/c", key="/k"))
    by_name = {one["name"]: one for one in yaml.safe_load(text)["static_resources"]["listeners"]}
    assert by_name["inner"]["address"]["socket_address"]["port_value"] == 8444
    assert "transport_socket" in by_name["gateway"]["filter_chains"][0]
    assert "transport_socket" not in by_name["inner"]["filter_chains"][0]
    assert manager(text, "inner")["xff_num_trusted_hops"] == 1
    assert manager(text, "gateway")["xff_num_trusted_hops"] == 0
    assert manager(text, "inner")["http_filters"] == manager(text, "gateway")["http_filters"]
    alone = yaml.safe_load(render(Gateway(port=1, endpoints=ENDPOINTS)))["static_resources"]["listeners"]
    assert "inner" not in {one["name"] for one in alone}


def test_pages_receive_everything_but_the_api() -> None:
    routes = manager(render(Gateway(port=1, endpoints=ENDPOINTS)))["route_config"]["virtual_hosts"][0]["routes"]
    *_, pages, nowhere = routes
    assert pages == {"match": {"prefix": "/"}, "route": {"cluster": "web"}}
    closed = routes[-2 - len(NOT_PAGES) : -2]
    assert [route["match"] for route in closed] == [{"path_separated_prefix": path} for path in NOT_PAGES]
    assert {"/api", "/internal", "/metrics", "/readyz"} <= set(NOT_PAGES)
    assert {route["direct_response"]["status"] for route in (*closed, nowhere)} == {404}


def test_documents_are_served_if_they_were_built(tmp_path: Path) -> None:
    def paths() -> set[str]:
        text = render(Gateway(port=8080, endpoints=ENDPOINTS, documents=tmp_path))
        routes = manager(text)["route_config"]["virtual_hosts"][0]["routes"]
        return {route["match"].get("path") for route in routes}

    assert "/api/openapi.json" not in paths()
    (tmp_path / "openapi.json").write_text(json.dumps({}))
    assert "/api/openapi.json" in paths()


@pytest.mark.parametrize(
    ("what", "service"),
    [
        ("accounts", "accounts"),
        ("audit", "accounts"),
        ("projects", "projects"),
        ("reports", "projects"),
        ("rounds", "quotes"),
        ("deliveries", "notify"),
    ],
)
def test_operators_routes_reach_the_owning_service(what: str, service: str) -> None:
    routes = manager(render(Gateway(port=8080, endpoints=ENDPOINTS)))["route_config"]["virtual_hosts"][0]["routes"]
    clusters = {route["match"].get("path_separated_prefix"): route.get("route", {}).get("cluster") for route in routes}
    assert clusters[f"/api/operations/{what}"] == service
    assert "/api/operations" not in clusters, "an unlisted path is routed nowhere"


def test_operators_routes_are_on_their_own_listener_only() -> None:
    ports = {"port": 8443, "inner_port": 8444, "operators_port": 8445}
    text = render(Gateway(endpoints=ENDPOINTS, certificate="/c", key="/k", **ports))  # type: ignore[arg-type]
    listeners = {one["name"]: one for one in yaml.safe_load(text)["static_resources"]["listeners"]}
    managers = {name: one["filter_chains"][0]["filters"][0]["typed_config"] for name, one in listeners.items()}

    def places(listener: str) -> list[str]:
        routes = managers[listener]["route_config"]["virtual_hosts"][0]["routes"]
        return [place for route in routes for place in route["match"].values() if isinstance(place, str)]

    theirs = {place for place in places("operators") if place.startswith("/api/operations")}
    assert theirs == {route.path for part in PARTS for route in part.operations}
    assert places("gateway") == [place for place in places("operators") if place not in theirs]
    needs_none = {"match": {"path_separated_prefix": "/api/operations"}}
    for listener in ("gateway", "inner", "operators"):
        (checks,) = [one for one in managers[listener]["http_filters"] if one["name"] == "envoy.filters.http.jwt_authn"]
        assert (needs_none in checks["typed_config"]["rules"]) == (listener == "gateway")
    assert listeners["operators"]["address"]["socket_address"]["port_value"] == 8445
    assert "transport_socket" in listeners["operators"]["filter_chains"][0]
    assert "name: operators" not in render(Gateway(port=1, endpoints=ENDPOINTS))


@pytest.mark.parametrize(("operators_port", "marking"), [(8445, "operators"), (0, "gateway")])
def test_inner_listener_has_operators_routes_for_marked_requests_only(operators_port: int, marking: str) -> None:
    text = render(Gateway(port=8443, endpoints=ENDPOINTS, inner_port=8444, operators_port=operators_port))
    names = ["gateway", "inner", *(["operators"] if operators_port else [])]
    configs = {name: manager(text, name)["route_config"] for name in names}
    theirs = [
        route["match"]
        for route in configs["inner"]["virtual_hosts"][0]["routes"]
        if route["match"].get("path_separated_prefix", "").startswith("/api/operations/")
    ]
    assert len(theirs) == sum(len(part.operations) for part in PARTS)
    assert all(match["headers"] == [{"name": FOR_OPERATORS, "present_match": True}] for match in theirs)
    added = {
        name: [one["header"]["key"] for one in config["request_headers_to_add"]] for name, config in configs.items()
    }
    assert [name for name, keys in added.items() if FOR_OPERATORS in keys] == [marking]
    assert all(FOR_OPERATORS in config["request_headers_to_remove"] for config in configs.values())


@pytest.mark.parametrize("text", ["-1", "65536", "many", ""])
def test_invalid_port_for_operators_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match="RELEVE_OPERATORS_PORT"):
        from_environment({"RELEVE_OPERATORS_PORT": text})


def test_passes_are_accepted_on_their_own_parts_routes_only() -> None:
    filters = manager(render(Gateway(port=8080, endpoints=ENDPOINTS)))["http_filters"]
    checks = next(one["typed_config"] for one in filters if one["name"] == "envoy.filters.http.jwt_authn")
    issuers = {name: provider["issuer"] for name, provider in checks["providers"].items()}
    assert issuers == {"accounts": "releve", "programmes": "releve-programmes"}
    accepting = {json.dumps(rule["requires"]): rule["match"] for rule in checks["rules"] if "requires" in rule}
    either = {"requires_any": {"requirements": [{"provider_name": "accounts"}, {"provider_name": "programmes"}]}}
    assert accepting == {
        json.dumps(either): {"path_separated_prefix": "/api/programmes"},
        json.dumps({"provider_name": "accounts"}): {"path_separated_prefix": "/api"},
    }


def test_part_that_issues_tokens_must_serve_its_keys() -> None:
    with pytest.raises(ValueError, match="must be one of its exact routes"):
        Part("web", "A client.", routes=(Route("/web"),), tokens=Tokens("web", "/keys.json"))


@pytest.mark.parametrize(
    ("path", "limited"),
    [
        ("/api/sessions", True),
        ("/api/sessions?a=b", True),
        ("/api/sessions/refresh", True),
        ("/api/accounts", True),
        ("/api/accounts/verification", True),
        ("/api/accounts/verification/a-token", True),
        ("/api/accounts/password-reset/a-token", True),
        ("/api/sessions/current", False),
        ("/api/accounts/me/erasure", False),
        ("/api/accountsx", False),
    ],
)
def test_tight_limit_covers_routes_that_need_no_token(path: str, limited: bool) -> None:
    assert bool(re.fullmatch(SIGN_IN, path)) == limited


def test_rate_limits_reach_their_filters() -> None:
    text = render(
        Gateway(port=8080, endpoints=ENDPOINTS, person=Rate(3, 4), address_rate=Rate(5, 6), sign_in=Rate(1, 2))
    )
    filters = {one["name"]: one["typed_config"] for one in manager(text)["http_filters"]}
    person = filters["limit_person"]["descriptors"][0]["token_bucket"]
    address = filters["limit_address"]["descriptors"][0]["token_bucket"]
    sign_in = filters["limit_sign_in"]["descriptors"][0]["token_bucket"]
    assert (sign_in["tokens_per_fill"], sign_in["max_tokens"]) == (1, 2)
    assert (person["tokens_per_fill"], person["max_tokens"]) == (3, 4)
    assert (address["tokens_per_fill"], address["max_tokens"]) == (5, 6)


@pytest.mark.parametrize("text", ["", "20", "20/", "a/b", "20/40/60", "0/10", "20/10"])
def test_invalid_rate_limit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="rate"):
        Rate.parse(text)


def test_compose_reads_its_settings_from_the_environment() -> None:
    settings = from_environment({"RELEVE_RATE_PERSON": "1/2", "RELEVE_GATEWAY_QUOTES": "a:1,b:2"})
    assert (settings.port, settings.person, settings.address_rate) == (8443, Rate(1, 2), Rate(50, 100))
    assert settings.endpoints["quotes"] == ["a:1", "b:2"]
    assert settings.endpoints["accounts"] == ["accounts:8000"]


def test_every_route_has_a_documented_operation(root: Path) -> None:
    paths = json.loads((documents.built() / "openapi.json").read_text())["paths"]
    routes = manager(render(Gateway(port=8080, endpoints=ENDPOINTS)))["route_config"]["virtual_hosts"][0]["routes"]
    described = {part.name for part in PARTS if part.in_api}  # the API's document leaves out pages
    led = [route["match"] for route in routes if route.get("route", {}).get("cluster") in described]
    assert led
    for match in led:
        prefix, exact = match.get("path_separated_prefix"), match.get("path")
        assert any(path == exact or (prefix and f"{path}/".startswith(f"{prefix}/")) for path in paths), match


def test_origins_are_exact_and_none_by_default() -> None:
    assert from_environment({}).origins == ()
    given = from_environment({"RELEVE_ORIGINS": "https://app.example, http://localhost:3000,"}).origins
    assert given == ("https://app.example", "http://localhost:3000")


@pytest.mark.parametrize(
    "text", ["*", "app.example", "https://app.example/", "https://*.example", "null", "https://A.b"]
)
def test_invalid_origin_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="an origin is"):
        from_environment({"RELEVE_ORIGINS": text})
