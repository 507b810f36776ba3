"""The gateway against hostile and careless clients: headers, forwarded addresses, slow requests, HTTP/2."""

import json
import socket
import ssl
import struct
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from contracts.parts import PARTS
from deploy.gateway.headers import A_YEAR, FOR_OPERATORS, NOT_FROM_OUTSIDE, NOTHING, page_policy
from deploy.gateway.render import Rate, hops_of
from deploy.local.ports import free_port
from deploy.prepare import NAMES, certificate
from tests.kit.gateway import Running, assert_problem
from tests.kit.waiting import until

PAGE = "<html><style>p { margin: 0 }</style><p>Rel\u00e8ve</p></html>"
MAX_CONCURRENT_STREAMS = 3
SETTINGS = 4


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("edge")
    (folder / "docs.html").write_text(PAGE, "utf-8")
    ports = {"operators_port": free_port(), "inner_port": free_port()}
    with Running(folder, request_within=2, headers_within=1, **ports) as running:
        yield running


def as_seen(gateway: Running, **headers: str) -> dict[str, str]:
    """The headers of a request as the service received them, with names in lower case."""
    answer = gateway.client.post("/api/accounts", headers=headers)
    return {name.lower(): value for name, value in answer.json()["headers"].items()}


SPOOFED = (
    "x-user-sub", "x-jwt-payload", "x-remote-user", "x-forwarded-user", "x-forwarded-email", "x-forwarded-client-cert",
    "x-releve-internal", "x-client-cert", "forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip",
    "true-client-ip", "cf-connecting-ip", "x-original-url", "x-rewrite-url", "x-http-method-override", "traceparent",
    "tracestate", "baggage", "b3", "x-b3-traceid", "x-amzn-trace-id", "x_forwarded_for", "x-user_sub",
)  # fmt: skip


@pytest.mark.parametrize("name", sorted({*SPOOFED, *NOT_FROM_OUTSIDE}))
def test_identity_origin_and_trace_from_outside_are_dropped(gateway: Running, name: str) -> None:
    for token in ({}, gateway.keys.token()):
        assert "203.0.113.9" not in json.dumps(as_seen(gateway, **{name: "203.0.113.9"}, **token))


def test_gateway_makes_the_request_id_and_keeps_ordinary_headers(gateway: Running) -> None:
    answer = gateway.get("/api/projects", **{"X-Request-Id": "mine", "If-Match": '"3"'}, **gateway.keys.token())
    got = answer.json()["headers"]
    assert got["X-Request-Id"] == answer.headers["x-request-id"] != "mine"
    assert got["If-Match"] == '"3"'


@pytest.mark.parametrize(("path", "status"), [("/healthz", 200), ("/api/projects", 401), ("/internal", 404)])
def test_every_answer_forbids_content_frames_and_referrers(gateway: Running, path: str, status: int) -> None:
    answer = gateway.get(path)
    assert (answer.status_code, answer.headers["content-security-policy"]) == (status, NOTHING)
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "strict-transport-security" not in answer.headers, "plain HTTP on loopback"


def test_page_of_the_api_allows_its_own_style_only(gateway: Running) -> None:
    policy = gateway.get("/api/docs").headers["content-security-policy"]
    assert policy == page_policy(PAGE)
    assert "sha256-" in policy
    assert "unsafe" not in policy


def test_policy_of_a_page_follows_its_style() -> None:
    assert page_policy(PAGE) != page_policy(PAGE.replace("margin", "padding"))
    assert page_policy("<p>no style</p>") == NOTHING


def test_forwarded_addresses_count_only_behind_trusted_proxies(tmp_path: Path) -> None:
    """Behind one proxy, the last address in the list is what this proxy saw; those before it are the client's words."""
    with Running(tmp_path, trusted_hops=1, address_rate=Rate(1, 2)) as gateway:
        seen = as_seen(gateway, **{"X-Forwarded-For": "198.51.100.7, 203.0.113.9"})
        assert seen["x-forwarded-for"] == "203.0.113.9"
        answers = [gateway.get("/healthz", **{"X-Forwarded-For": "203.0.113.50"}) for _ in range(6)]
        assert 429 in [answer.status_code for answer in answers]
        other = gateway.get("/healthz", **{"X-Forwarded-For": "203.0.113.51"})
        assert other.status_code == 200, "each client behind the proxy has a limit of its own"


def test_addresses_of_one_ipv6_network_share_a_limit(tmp_path: Path) -> None:
    with Running(tmp_path, trusted_hops=1, address_rate=Rate(1, 2)) as gateway:
        answers = [gateway.get("/healthz", **{"X-Forwarded-For": f"2001:db8:1:1::{n:x}"}) for n in range(1, 8)]
        assert 429 in [answer.status_code for answer in answers]
        assert gateway.get("/healthz", **{"X-Forwarded-For": "2001:db8:1:2::1"}).status_code == 200


@pytest.mark.parametrize("text", ["-1", "9", "two", "", "1.5", "\u0661"])
def test_number_of_trusted_proxies_is_checked(text: str) -> None:
    with pytest.raises(ValueError, match="RELEVE_TRUSTED_HOPS"):
        hops_of(text)


def half_sent(gateway: Running, sent: bytes) -> bytes:
    """The gateway's answer to a client that sends this much and then waits."""
    host, port = gateway.envoy.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(sent)
        answer = b""
        while more := connection.recv(65_536):
            answer += more
    return answer


def test_slow_body_is_ended_and_never_reaches_a_service(gateway: Running) -> None:
    before = len(gateway.services.seen)
    head = b"POST /api/accounts HTTP/1.1\r\nhost: releve\r\ncontent-length: 99\r\n\r\n"
    assert half_sent(gateway, head + b"{").startswith(b"HTTP/1.1 408 ")
    assert len(gateway.services.seen) == before
    gateway.client.post("/api/accounts")
    assert len(gateway.services.seen) == before + 1


def test_slow_headers_are_ended(gateway: Running) -> None:
    assert half_sent(gateway, b"GET /healthz HTTP/1.1\r\nhost: releve\r\nx-slow: ").startswith(b"HTTP/1.1 408 ")


def test_too_many_or_too_long_headers_are_refused(gateway: Running) -> None:
    many = {f"x-header-{n}": "x" for n in range(100)}
    assert gateway.get("/healthz", **many).status_code == 431
    assert gateway.get("/healthz", **{"x-long": "x" * 70_000}).status_code == 431


def test_tls_announces_itself_and_limits_http2_streams(tmp_path: Path) -> None:
    for name, text in certificate(NAMES, datetime.now(UTC)).items():
        (tmp_path / name).write_text(text)
    files = {"certificate": str(tmp_path / "gateway_certificate"), "key": str(tmp_path / "gateway_key")}
    with Running(tmp_path, **files) as gateway:
        answer = gateway.get("/healthz")
        assert answer.headers["strict-transport-security"] == A_YEAR
        assert settings_of(gateway.port, tmp_path)[MAX_CONCURRENT_STREAMS] == 100


def settings_of(port: int, folder: Path) -> dict[int, int]:
    """The HTTP/2 settings (RFC 9113, section 6.5) with which the gateway answers a client."""
    context = ssl.create_default_context(cafile=folder / "gateway_certificate")
    context.set_alpn_protocols(["h2"])
    plain = socket.create_connection(("127.0.0.1", port), timeout=10)
    with context.wrap_socket(plain, server_hostname="localhost") as connection:
        assert connection.selected_alpn_protocol() == "h2"
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, SETTINGS, 0, 0, 0, 0, 0]))
        received = b""
        until_at = time.monotonic() + 10
        while len(received) < 9 or len(received) < 9 + int.from_bytes(received[:3]):
            assert time.monotonic() < until_at
            received += connection.recv(65_536)
    length, kind = int.from_bytes(received[:3]), received[3]
    assert kind == SETTINGS
    return dict(struct.unpack(">HI", received[9 + at : 15 + at]) for at in range(0, length, 6))


def test_reset_streams_end_the_connection(tmp_path: Path) -> None:
    """HTTP/2 rapid reset: a client that opens and resets streams at once loses its connection, others go on."""
    for name, text in certificate(NAMES, datetime.now(UTC)).items():
        (tmp_path / name).write_text(text)
    files = {"certificate": str(tmp_path / "gateway_certificate"), "key": str(tmp_path / "gateway_key")}
    with Running(tmp_path, **files) as gateway:
        assert resets_until_closed(gateway.port, tmp_path, most=5_000) < 5_000
        assert gateway.get("/healthz").status_code == 200
        until(lambda: gateway.get("/api/projects", **gateway.keys.token()).status_code, good=lambda found: found == 200)


def resets_until_closed(port: int, folder: Path, most: int) -> int:
    """Opens and resets up to ``most`` streams; returns how many until the gateway closed the connection."""
    context = ssl.create_default_context(cafile=folder / "gateway_certificate")
    context.set_alpn_protocols(["h2"])
    plain = socket.create_connection(("127.0.0.1", port), timeout=10)
    # :method GET, :scheme https, :path /, :authority from the static table with an empty literal (RFC 7541)
    headers = bytes([0x82, 0x87, 0x84, 0x01, 0x01, ord("r")])
    with context.wrap_socket(plain, server_hostname="localhost") as connection:
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, SETTINGS, 0, 0, 0, 0, 0]))
        connection.settimeout(0.01)
        for number in range(most):
            stream = struct.pack(">I", 2 * number + 1)
            opened = len(headers).to_bytes(3, "big") + bytes([1, 5]) + stream + headers
            reset = (4).to_bytes(3, "big") + bytes([3, 0]) + stream + struct.pack(">I", 8)
            try:
                connection.sendall(opened + reset)
                if number % 50 == 49 and connection.recv(65_536) == b"":
                    return number
            except TimeoutError:
                continue
            except OSError:
                return number
    return most


def test_unknown_proxies_are_not_trusted_by_default(gateway: Running) -> None:
    assert as_seen(gateway, **{"X-Forwarded-For": "203.0.113.9"})["x-forwarded-for"] == "127.0.0.1"
    assert_problem(gateway.get("/api/projects"), 401, "unauthenticated")


HIDDEN = (
    "/api/operations", "/api/operations/reports", "/api/operations/accounts/a/suspension", "/api//operations/audit",
    "/api/projects/../operations/audit", "/api/projects/%2e%2e/operations/audit", "/api/%6fperations/audit",
    "/api/operations%2faudit", "/api/operations;x/audit", "/api/operations/quotes/audit?limit=1",
)  # fmt: skip


@pytest.mark.parametrize("path", HIDDEN)
def test_public_listener_has_no_route_for_operators(gateway: Running, path: str) -> None:
    token = gateway.keys.token("olga", role="operator")
    before = len([one for one in gateway.services.seen if "operations" in one])
    for method in ("GET", "POST", "DELETE"):
        assert gateway.client.request(method, path, headers=token).status_code == 404
    assert_problem(gateway.get("/api/operations/reports"), 404, "not-found")
    assert len([one for one in gateway.services.seen if "operations" in one]) == before, "no service sees any of them"


def test_operators_listener_has_every_route_and_checks_tokens(gateway: Running) -> None:
    token = gateway.keys.token("olga", role="operator")
    with httpx.Client(base_url=f"http://127.0.0.1:{gateway.operators_port}", timeout=10) as http:
        until(lambda: http.get("/api/skills", headers=token), good=lambda found: found.status_code != 503)
        for part in PARTS:
            for route in part.operations:
                assert http.get(f"{route.path}/x", headers=token).json()["service"] == part.name
        assert http.get("/api/projects", headers=token).json()["service"] == "projects"
        assert_problem(http.get("/api/operations/reports"), 401, "unauthenticated")
        assert http.post("/api/sessions").status_code == 200, "operators sign in here"


def test_pages_learn_from_the_gateway_alone_that_an_operator_came_in_here(gateway: Running) -> None:
    seen = []
    for port in (gateway.port, gateway.operators_port):
        for forged in ({}, {FOR_OPERATORS: "true"}):
            answer = httpx.get(f"http://127.0.0.1:{port}/ops", headers=forged, timeout=10).json()
            assert answer["service"] == "web"
            seen.append({name.lower(): value for name, value in answer["headers"].items()}.get(FOR_OPERATORS))
    assert seen == [None, None, "true", "true"]


def test_inner_listener_opens_operators_routes_to_marked_requests_only(gateway: Running) -> None:
    token = gateway.keys.token("olga", role="operator")
    with httpx.Client(base_url=f"http://127.0.0.1:{gateway.inner_port}", timeout=10) as http:
        until(lambda: http.get("/api/skills", headers=token), good=lambda found: found.status_code != 503)
        assert_problem(http.get("/api/operations/reports", headers=token), 404, "not-found")
        marked = http.get("/api/operations/reports", headers={**token, FOR_OPERATORS: "true"}).json()
        assert marked["service"] == "projects"
        assert FOR_OPERATORS not in {name.lower() for name in marked["headers"]}, "services have no use for it"
        assert_problem(http.get("/api/operations/reports", headers={FOR_OPERATORS: "true"}), 401, "unauthenticated")
