"""TLS between Relève's own processes: the authority that clients trust, and the certificate that a server shows."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode

from cryptography import x509

LEAST = ssl.TLSVersion.TLSv1_3
"""Both ends are ours, so older versions are not needed."""


@dataclass(frozen=True)
class Inside:
    """The files of one process: the authority's certificate, and a file with its own key and certificate.

    Without ``ca`` a client of an `https` address trusts the authorities of the system; without ``certificate`` a server
    answers in plain text.
    """

    ca: str = ""
    certificate: str = ""

    def client(self) -> ssl.SSLContext | None:
        """Checks a server's certificate and name against the authority; None without one. Raises `OSError`."""
        if not self.ca:
            return None
        context = ssl.create_default_context(cafile=self.ca)
        context.minimum_version = LEAST
        return context

    def server(self) -> ssl.SSLContext | None:
        """Serves with this process's certificate; None without one. Raises `OSError`."""
        if not self.certificate:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = LEAST
        context.load_cert_chain(self.certificate)
        return context

    def ends(self) -> datetime | None:
        """When this process's certificate ends; None without one. Raises `OSError` and `ValueError`."""
        return certificate_in(Path(self.certificate)).not_valid_after_utc if self.certificate else None


def certificate_in(path: Path) -> x509.Certificate:
    """The first certificate of a PEM file, which may hold a key as well. Raises `OSError` and `ValueError`."""
    return x509.load_pem_x509_certificate(path.read_bytes())


def with_tls(uri: str, ca: str) -> str:
    """A MongoDB URI that asks for TLS with this authority, unless it says already whether to use TLS."""
    if not ca or "tls=" in uri.partition("?")[2]:
        return uri
    joined = "&" if "?" in uri else "?" if uri.count("/") > 2 else "/?"
    return f"{uri}{joined}{urlencode({'tls': 'true', 'tlsCAFile': ca})}"


def read(environ: Mapping[str, str]) -> Inside:
    """The files named by RELEVE_INSIDE_CA and RELEVE_INSIDE_CERTIFICATE. Raises `OSError` or `ValueError`."""
    inside = Inside(environ.get("RELEVE_INSIDE_CA", ""), environ.get("RELEVE_INSIDE_CERTIFICATE", ""))
    for check in (inside.client, inside.server, inside.ends):
        check()
    return inside
