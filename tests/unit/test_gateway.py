"""The generated configuration of the gateway."""

import json
from pathlib import Path

import pytest
import yaml

from contracts.parts import PARTS, WITH_HTTP, Part, Route, Tokens
from deploy.gateway import documents
from deploy.gateway.render import Gateway, Rate, from_environment, render

ENDPOINTS = {name: [f"127.0.0.1:{8000 + n}"] for n, name in enumerate(WITH_HTTP)}


def manager(text: str) -> dict:
    listener = yaml.safe_load(text)["static_resources"]["listeners"][0]
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


def test_rate_limits_reach_their_filters() -> None:
    text = render(Gateway(port=8080, endpoints=ENDPOINTS, person=Rate(3, 4), address_rate=Rate(5, 6)))
    filters = {one["name"]: one["typed_config"] for one in manager(text)["http_filters"]}
    person = filters["limit_person"]["descriptors"][0]["token_bucket"]
    address = filters["limit_address"]["descriptors"][0]["token_bucket"]
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


@pytest.mark.parametrize("text", ["*", "app.example", "https://app.example/", "https://*.example", "null", "https://A.b"])
def test_invalid_origin_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="an origin is"):
        from_environment({"RELEVE_ORIGINS": text})
