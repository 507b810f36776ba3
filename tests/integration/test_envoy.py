"""The gateway's configuration in a real Envoy, in front of services that report which requests reached them."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from deploy.gateway.render import Rate
from tests.kit.gateway import Running, assert_problem
from tests.kit.tokens import Signer
from tests.kit.waiting import until


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("gateway")
    (folder / "openapi.json").write_text('{"openapi": "3.1.0"}')
    with Running(folder) as running:
        yield running


@pytest.mark.parametrize(("path", "service"), [
    ("/api/accounts/me", "accounts"), ("/api/accounts/export", "accounts"), ("/api/sessions/current", "accounts"),
    ("/api/organisations/me", "projects"), ("/api/projects", "projects"), ("/api/projects/x/client", "projects"),
    ("/api/mentors/me", "matching"), ("/api/mentors?project_id=x", "matching"), ("/api/skills?query=c", "matching"),
    ("/api/invitations/x", "matching"), ("/api/rounds/x/claim", "quotes"), ("/api/quotes/export", "quotes"),
    ("/api/notifications", "notify"), ("/api/notifications/preferences", "notify"),
])  # fmt: skip
def test_valid_token_reaches_the_service_that_owns_the_path(gateway: Running, path: str, service: str) -> None:
    answer = gateway.get(path, **gateway.keys.token())
    assert (answer.status_code, answer.json()["service"]) == (200, service)


@pytest.mark.parametrize("path", ["/api/projects", "/api/accounts/me", "/api/notifications/stream", "/api/unknown"])
def test_without_a_token_everything_under_api_is_refused(gateway: Running, path: str) -> None:
    assert_problem(gateway.get(path), 401, "unauthenticated")


def test_token_of_another_key_issuer_audience_or_time_is_refused(gateway: Running) -> None:
    stranger = Signer("one")
    for header in (
        gateway.keys.token(signer=stranger),
        gateway.keys.token(iss="somebody"),
        gateway.keys.token(aud="another-api"),
        gateway.keys.token(exp=int(time.time()) - 60),
    ):
        assert_problem(gateway.get("/api/projects", **header), 401, "unauthenticated")


def test_token_in_the_query_is_ignored(gateway: Running) -> None:
    token = gateway.keys.token()["Authorization"].removeprefix("Bearer ")
    assert_problem(gateway.get(f"/api/projects?access_token={token}"), 401, "unauthenticated")


@pytest.mark.parametrize(("method", "path"), [
    ("POST", "/api/accounts"), ("POST", "/api/sessions"), ("POST", "/api/sessions/refresh"),
    ("POST", "/api/accounts/verification"), ("POST", "/api/accounts/verification/token"),
    ("POST", "/api/accounts/password-reset"), ("POST", "/api/accounts/password-reset/token"),
    ("POST", "/api/accounts/email/confirmation/token"), ("POST", "/api/accounts/email/undo/token"),
    ("GET", "/.well-known/jwks.json"), ("GET", "/.well-known/receipts-jwks.json"), ("GET", "/api/openapi.json"),
    ("GET", "/healthz"),
])  # fmt: skip
def test_public_paths_need_no_token(gateway: Running, method: str, path: str) -> None:
    assert gateway.client.request(method, path).status_code == 200


@pytest.mark.parametrize(("method", "path"), [
    ("GET", "/api/accounts"), ("DELETE", "/api/sessions"), ("POST", "/api/sessions/current"),
    ("POST", "/api/accounts/me"), ("POST", "/api/accounts/verification-of-another-kind"),
    ("PUT", "/api/accounts/me/email"), ("POST", "/api/accounts/emails"),
])  # fmt: skip
def test_neighbours_of_public_paths_need_a_token(gateway: Running, method: str, path: str) -> None:
    assert_problem(gateway.client.request(method, path), 401, "unauthenticated")


@pytest.mark.parametrize("path", [
    "/internal/contacts/x", "/metrics", "/readyz", "/api/unknown", "/api/projectsandmore", "/api/internal",
    "/api/projects/..%2F..%2Finternal%2Fcontacts", "/api/projects/x%2fclient", "/api/accounts/%5c..%5cinternal",
    "/api/../internal/contacts/x", "/.well-known/other",
])  # fmt: skip
def test_paths_that_no_service_offers_are_not_found(gateway: Running, path: str) -> None:
    answer = gateway.client.get(httpx.URL(gateway.envoy.url).copy_with(raw_path=path.encode()),
                                headers=gateway.keys.token())  # fmt: skip
    assert_problem(answer, 404, "not-found")


def test_api_description_is_served_from_its_file(gateway: Running) -> None:
    answer = gateway.get("/api/openapi.json")
    assert (answer.json(), answer.headers["content-type"]) == ({"openapi": "3.1.0"}, "application/json")


@pytest.mark.parametrize("type", ["text/html", "text/css", "text/javascript", "image/svg+xml"])
def test_what_pages_are_made_of_is_compressed_on_request(gateway: Running, type: str) -> None:
    path = f"/long?type={type}; charset=utf-8".replace("+", "%2B")
    answers = [gateway.get(path, **{"Accept-Encoding": encoding}) for encoding in ("gzip", "identity")]
    assert answers[0].text == answers[1].text == "one line\n" * 1_000
    assert [answer.headers.get("content-encoding") for answer in answers] == ["gzip", None]
    assert answers[0].num_bytes_downloaded < len(answers[0].content) / 10
    assert "accept-encoding" in answers[0].headers["vary"].lower()


@pytest.mark.parametrize(("path", "type"), [("/api/projects/long", "application/json"), ("/long", "font/woff2")])
def test_answers_of_the_api_and_packed_files_are_never_compressed(gateway: Running, path: str, type: str) -> None:
    asked = {"Accept-Encoding": "gzip", **gateway.keys.token()}
    assert "content-encoding" not in gateway.get(f"{path}?type={type}", **asked).headers


def test_body_of_one_mebibyte_passes_and_one_byte_more_is_refused(gateway: Running) -> None:
    header = gateway.keys.token()
    answer = gateway.client.post("/api/projects", content=b"x" * 1_048_576, headers=header)
    assert answer.json()["bytes"] == 1_048_576
    assert_problem(gateway.client.post("/api/projects", content=b"x" * 1_048_577, headers=header), 413, "too-large")


def test_problem_of_a_service_passes_unchanged(gateway: Running) -> None:
    answer = gateway.get("/api/rounds/own-problem", **gateway.keys.token())
    assert (answer.status_code, answer.text) == (409, '{"type": "urn:releve:problem:round-full"}')


def test_read_is_retried_and_a_write_is_not(gateway: Running) -> None:
    header = gateway.keys.token()
    gateway.services.unavailable_first = 1
    assert gateway.get("/api/projects/flaky", **header).status_code == 200
    gateway.services.unavailable_first = 1
    assert gateway.client.post("/api/projects/flaky", headers=header).status_code == 503


def test_first_event_arrives_while_the_stream_is_open(gateway: Running) -> None:
    with gateway.client.stream("GET", "/api/notifications/stream", headers=gateway.keys.token()) as answer:
        chunks = answer.iter_raw()
        assert b"first" in next(chunks)
        gateway.services.release.set()  # only now is the second one sent
        assert b"second" in next(chunks)


@pytest.mark.parametrize("kind", ["accounts/verification", "accounts/email/undo", "organisations/invitations"])
def test_log_holds_paths_without_queries_and_no_token(gateway: Running, kind: str) -> None:
    gateway.client.post(f"/api/{kind}/secret-token", headers=gateway.keys.token())
    mark = f"/api/skills/{kind}"
    gateway.get(f"{mark}?query=secret-query", **gateway.keys.token())
    log = gateway.envoy.process.log
    lines = until(lambda: log.read_text(), good=lambda text: mark in text)
    before, entry = map(json.loads, lines[: lines.index("}", lines.index(mark)) + 1].splitlines()[-2:])
    assert (before["path"], entry["path"]) == ("/api/…/{token}", mark)
    assert {"method", "status", "flags", "milliseconds", "request_id"} <= set(entry)
    assert "secret" not in lines
    assert "eyJ" not in lines


def test_service_that_is_down_is_answered_with_503_and_found_again(gateway: Running) -> None:
    header = gateway.keys.token()
    port = int(gateway.endpoints["quotes"][0].rpartition(":")[2])
    gateway.services.stop("quotes")
    answer = until(lambda: gateway.get("/api/rounds/x", **header), good=lambda answer: answer.status_code != 200)
    assert_problem(answer, 503, "unavailable")
    assert gateway.get("/api/projects", **header).status_code == 200
    gateway.services.start("quotes", port)
    until(lambda: gateway.get("/api/rounds/x", **header).status_code, good=lambda status: status == 200)


def test_person_over_the_limit_is_throttled_and_another_is_not(tmp_path: Path) -> None:
    with Running(tmp_path, person=Rate(1, 2)) as gateway:
        header = gateway.keys.token("hasty")
        answers = [gateway.get("/api/projects", **header) for _ in range(6)]
        assert [answer.status_code for answer in answers[:2]] == [200, 200]
        refused = next(answer for answer in answers if answer.status_code != 200)
        assert_problem(refused, 429, "rate-limited")
        assert refused.headers["retry-after"] == "1"
        assert gateway.get("/api/projects", **gateway.keys.token("calm")).status_code == 200
        until(lambda: gateway.get("/api/projects", **header).status_code, good=lambda status: status == 200)


def test_address_over_the_limit_is_throttled_for_every_caller(tmp_path: Path) -> None:
    with Running(tmp_path, address_rate=Rate(5, 10)) as gateway:
        answers = [gateway.get("/api/projects", **gateway.keys.token(f"person-{n}")) for n in range(30)]
        refused = next(answer for answer in answers if answer.status_code != 200)
        assert_problem(refused, 429, "rate-limited")


def test_flood_of_sign_ins_from_one_address_leaves_others_able(tmp_path: Path) -> None:
    with Running(tmp_path, trusted_hops=1, sign_in=Rate(1, 5)) as gateway:
        attacker, other = {"X-Forwarded-For": "198.51.100.7"}, {"X-Forwarded-For": "198.51.100.8"}
        said = [gateway.client.post("/api/sessions", json={}, headers=attacker) for _ in range(50)]
        refused = [answer for answer in said if answer.status_code == 429]
        assert len(refused) >= 40
        assert_problem(refused[0], 429, "rate-limited")
        assert gateway.client.post("/api/sessions", json={}, headers=other).status_code != 429
        assert gateway.get("/api/projects", **gateway.keys.token(), **attacker).status_code == 200, "only these routes"


def test_late_or_changed_keys_are_learned(tmp_path: Path) -> None:
    running, two = Running(tmp_path, jwks_cache=6), Signer("two")
    port = int(running.endpoints["accounts"][0].rpartition(":")[2])
    running.services.stop("accounts")
    with running.envoy:
        assert_problem(running.get("/api/projects", **running.keys.token()), 503, "unavailable")
        running.services.start("accounts", port)
        one = running.keys.live["one"]
        status = lambda signer: running.get("/api/projects", **signer.header("a-person")).status_code  # noqa: E731
        until(lambda: status(one), 5, lambda found: found == 200)
        running.keys.live["two"] = two
        assert status(two) == 401
        until(lambda: status(two), good=lambda found: found == 200)
        assert status(one) == 200
        running.__exit__()


ODD_KEYS: dict[str, dict[str, str]] = {
    "of an unknown type": {"kty": "QUANTUM", "kid": "odd", "q": "AQAB"},
    "on an unknown curve": {"kty": "EC", "crv": "P-9000", "kid": "odd", "x": "AQ", "y": "AQ"},
    "without its numbers": {"kty": "EC", "crv": "P-256", "kid": "odd"},
    "without a type": {"kid": "odd"},
    "for encryption": {"kty": "RSA", "use": "enc", "kid": "odd", "n": "AQ", "e": "AQAB"},
}


@pytest.mark.parametrize("kind", ODD_KEYS)
def test_unusable_key_does_not_affect_the_others(tmp_path: Path, kind: str) -> None:
    """RFC 7517, section 5."""
    running = Running(tmp_path)
    running.keys.odd.append(ODD_KEYS[kind])
    with running:
        assert running.get("/api/projects", **running.keys.token()).status_code == 200
        assert_problem(running.get("/api/projects", **running.keys.token(kid="odd")), 401, "unauthenticated")


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "bEaReR", "bearer  "])
def test_authorization_scheme_is_case_insensitive(gateway: Running, scheme: str) -> None:
    token = gateway.keys.token()["Authorization"].removeprefix("Bearer ")
    assert gateway.get("/api/projects", Authorization=f"{scheme} {token}").status_code == 200
    assert_problem(gateway.get("/api/projects", Authorization=f"Basic {token}"), 401, "unauthenticated")


@pytest.mark.parametrize(("path", "status"), [("/healthz", 200), ("/api/projects", 401), ("/internal", 404)])
def test_answers_of_the_gateway_forbid_content_sniffing(gateway: Running, path: str, status: int) -> None:
    answer = gateway.get(path)
    assert (answer.status_code, answer.headers["x-content-type-options"]) == (status, "nosniff")


PREFLIGHT = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "authorization, if-match"}
ALLOWED = "https://app.example"


@pytest.fixture(scope="module")
def with_origins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    origins = (ALLOWED, "http://localhost:3000")
    with Running(tmp_path_factory.mktemp("origins"), origins=origins) as running:
        yield running


@pytest.mark.parametrize("origin", [ALLOWED, "http://localhost:3000"])
def test_allowed_origins_may_call_and_read(with_origins: Running, origin: str) -> None:
    asked = with_origins.client.options("/api/projects/x", headers={"Origin": origin, **PREFLIGHT})
    assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (200, origin)
    assert "PUT" in asked.headers["access-control-allow-methods"]
    allowed = set(asked.headers["access-control-allow-headers"].split(", "))
    assert allowed >= {"authorization", "content-type", "idempotency-key", "if-match", "last-event-id"}
    read = with_origins.get("/api/projects", Origin=origin, **with_origins.keys.token())
    assert (read.status_code, read.headers["access-control-allow-origin"]) == (200, origin)
    assert set(read.headers["access-control-expose-headers"].split(", ")) >= {"etag", "retry-after", "location"}
    assert "Origin" in read.headers["vary"]
    refused = with_origins.get("/api/projects", Origin=origin)
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (401, origin)


@pytest.mark.parametrize(
    "origin", ["https://app.example.evil", "http://app.example", "https://app.example:444", "null"]
)
def test_other_origins_get_answers_without_cors_headers(with_origins: Running, origin: str) -> None:
    asked = with_origins.client.options("/api/projects", headers={"Origin": origin, **PREFLIGHT})
    assert asked.status_code == 200
    read = with_origins.get("/api/projects", Origin=origin, **with_origins.keys.token())
    for answer in (asked, read):
        assert "access-control-allow-origin" not in answer.headers


def test_without_the_setting_no_origin_is_allowed(gateway: Running) -> None:
    asked = gateway.client.options("/api/projects", headers={"Origin": ALLOWED, **PREFLIGHT})
    assert asked.status_code == 200
    assert "access-control-allow-origin" not in asked.headers
