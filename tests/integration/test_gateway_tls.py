"""The gateway with a certificate: clients that trust it are answered, others are not."""

import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from contracts.parts import WITH_HTTP
from deploy.gateway.render import Gateway, put
from deploy.local.engines import Envoy
from deploy.local.ports import free_port
from deploy.prepare import NAMES, certificate
from tests.kit.waiting import until


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tls")
    for name, text in certificate(NAMES, datetime.now(UTC)).items():
        (made / name).write_text(text)
    return made


@pytest.fixture(scope="module")
def gateway(folder: Path) -> Iterator[int]:
    port, admin = free_port(), free_port()
    endpoints = {name: ["127.0.0.1:9"] for name in WITH_HTTP}
    settings = Gateway(
        port=port, admin_port=admin, endpoints=endpoints,
        certificate=str(folder / "gateway_certificate"), key=str(folder / "gateway_key"),
    )  # fmt: skip
    put(settings, folder)
    envoy = Envoy(folder / "envoy.yaml", port, admin)
    envoy.launch()
    try:
        until(lambda: answers(lambda: httpx.get(f"https://127.0.0.1:{port}/healthz", verify=False)))
        yield port
    finally:
        envoy.stop()


def answers(ask: Callable[[], httpx.Response]) -> bool:
    try:
        return ask().status_code == 200
    except httpx.HTTPError:
        return False


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_client_that_trusts_the_certificate_is_answered_over_tls(gateway: int, folder: Path, host: str) -> None:
    trusting = ssl.create_default_context(cafile=folder / "gateway_certificate")
    assert httpx.get(f"https://{host}:{gateway}/healthz", verify=trusting).text == "ok\n"
    assert httpx.get(f"https://{host}:{gateway}/api/openapi.json", verify=trusting).json()["openapi"]


def test_client_that_does_not_trust_it_gets_no_connection(gateway: int) -> None:
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(f"https://localhost:{gateway}/healthz")


def test_plain_http_is_not_answered(gateway: int) -> None:
    with pytest.raises(httpx.TransportError):
        httpx.get(f"http://localhost:{gateway}/healthz")


def test_certificate_is_valid_for_a_year_and_names_the_gateway(folder: Path) -> None:
    from cryptography import x509

    made = x509.load_pem_x509_certificate((folder / "gateway_certificate").read_bytes())
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName)
    assert set(names) == {"localhost", "gateway"}
    assert made.not_valid_after_utc - datetime.now(UTC) > timedelta(days=365)
