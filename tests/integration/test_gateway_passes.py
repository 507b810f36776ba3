"""Passes of participants at a real Envoy: a second issuer, whose tokens open the routes of programmes and no others."""

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from contracts.parts import PARTS
from deploy.gateway.render import Rate
from tests.kit.gateway import Running, assert_problem
from tests.kit.tokens import Signer, symmetric
from tests.kit.waiting import until

BELOW = "/api/programmes/p/me"
OPTIONAL = [(route.method, route.path) for part in PARTS for route in part.optional]
ELSEWHERE = [route.path for part in PARTS if part.name != "programmes" for route in part.routes
             if route.path.startswith("/api/")]  # fmt: skip


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Running(tmp_path_factory.mktemp("gateway")) as running:
        yield running


def test_both_issuers_reach_programmes(gateway: Running) -> None:
    for header in (gateway.keys.token(), gateway.passes.token()):
        answer = gateway.get(BELOW, **header)
        assert (answer.status_code, answer.json()["service"]) == (200, "programmes")
        assert answer.json()["headers"]["Authorization"] == header["Authorization"], "the service checks it again"


@pytest.mark.parametrize("path", [*ELSEWHERE, "/api/programmesandmore", "/api/unknown"])
def test_pass_is_refused_everywhere_else(gateway: Running, path: str) -> None:
    assert_problem(gateway.get(path, **gateway.passes.token()), 401, "unauthenticated")


@pytest.mark.parametrize("way", ["../projects", "%2e%2e/projects", ".%2e/projects", "x/../../projects"])
def test_dots_smuggle_no_pass_to_another_service(gateway: Running, way: str) -> None:
    url = httpx.URL(gateway.envoy.url).copy_with(raw_path=f"/api/programmes/{way}".encode())
    assert_problem(gateway.client.get(url, headers=gateway.passes.token()), 401, "unauthenticated")


def test_forged_pass_is_refused(gateway: Running) -> None:
    stranger = Signer("one")
    public = str(gateway.passes.live["one"].public()["x"])
    claims = {"iss": "releve-programmes", "aud": "releve-api", "sub": "a", "exp": int(time.time()) + 600}
    for header in (
        gateway.passes.token(signer=stranger),
        gateway.passes.token(kid="unknown"),
        gateway.passes.token(iss="somebody"),
        gateway.passes.token(iss="releve"),
        gateway.keys.token(iss="releve-programmes"),
        gateway.passes.token(aud="another-api"),
        gateway.passes.token(exp=int(time.time()) - 60),
        gateway.passes.token(exp=None),
        {"Authorization": f"Bearer {symmetric(public, 'one', **claims)}"},
        {"Authorization": "Basic YTpi"},
        {},
    ):
        assert_problem(gateway.get(BELOW, **header), 401, "unauthenticated")


@pytest.mark.parametrize(("method", "path"), OPTIONAL)
def test_optional_token_may_be_missing_but_not_wrong(gateway: Running, method: str, path: str) -> None:
    assert gateway.client.request(method, path).status_code == 200
    for header in (gateway.keys.token(), gateway.passes.token()):
        assert gateway.client.request(method, path, headers=header).status_code == 200
    for header in (
        gateway.keys.token(signer=Signer("one")),
        gateway.keys.token(exp=int(time.time()) - 60),
        gateway.keys.token(iss="somebody"),
        {"Authorization": "Bearer nonsense"},
        {"Authorization": "Basic YTpi"},
        {"Authorization": ""},
    ):
        assert_problem(gateway.client.request(method, path, headers=header), 401, "unauthenticated")


@pytest.mark.parametrize(("method", "path"), [
    ("GET", "/api/programmes/joins"), ("POST", "/api/programmes/joins/x"), ("POST", "/api/programmes"),
    ("POST", "/api/programmes/passes/x"), ("GET", "/api/programmes/passes"),
])  # fmt: skip
def test_neighbours_of_public_programme_routes_need_a_token(gateway: Running, method: str, path: str) -> None:
    assert_problem(gateway.client.request(method, path), 401, "unauthenticated")


def test_renewal_and_keys_are_public(gateway: Running) -> None:
    assert gateway.client.post("/api/programmes/passes/renewal").status_code == 200
    assert gateway.get("/.well-known/programmes-jwks.json").json()["keys"]


def test_person_is_limited_with_a_pass_as_with_a_token(tmp_path: Path) -> None:
    with Running(tmp_path, person=Rate(1, 2)) as gateway:
        for keys in (gateway.passes, gateway.keys):
            answers = [gateway.get(BELOW, **keys.token(f"hasty-{keys.issuer}")) for _ in range(6)]
            refused = next(answer for answer in answers if answer.status_code != 200)
            assert_problem(refused, 429, "rate-limited")
            assert gateway.get(BELOW, **keys.token(f"calm-{keys.issuer}")).status_code == 200


def test_programmes_being_away_stops_its_passes_only(tmp_path: Path) -> None:
    running = Running(tmp_path, jwks_cache=6)
    port = int(running.endpoints["programmes"][0].rpartition(":")[2])
    running.services.stop("programmes")
    with running.envoy:
        status = lambda path, header: running.get(path, **header).status_code  # noqa: E731
        until(lambda: status("/api/projects", running.keys.token()), 15, lambda found: found == 200)
        assert_problem(running.get(BELOW, **running.passes.token()), 503, "unavailable")
        running.services.start("programmes", port)
        until(lambda: status(BELOW, running.passes.token()), 15, lambda found: found == 200)
        running.__exit__()
