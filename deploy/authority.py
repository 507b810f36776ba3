"""The authority inside the system, and the certificates of our own processes and engines.

Every certificate is valid at the names under which the others reach its owner, and at loopback, where health checks
ask. Each lies with its key in one file, `<owner>_tls`, which only the containers of that owner receive.
"""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from contracts.parts import PARTS

AUTHORITY_LASTS = timedelta(days=3650)
LASTS = timedelta(days=397)
RENEWED_BEFORE = timedelta(days=60)
"""A certificate that ends sooner is due: alerts begin thirty days before its end."""
LOOPBACK = ("127.0.0.1", "::1")
MEMBERS = ("mongo-1", "mongo-2", "mongo-3")
BROKERS = ("kafka-1", "kafka-2", "kafka-3")
OWNERS: Mapping[str, tuple[str, ...]] = {
    **{name: (name, "kafka") for name in BROKERS},
    **{name: (name, "mongo") for name in MEMBERS},
    **{name: (name,) for part in PARTS for name in part.processes},
    "gateway": ("gateway",),
    "exporter": ("exporter",),
}
"""Each owner of a certificate with its names. Members of MongoDB are clients of each other, too."""
PEM = serialization.Encoding.PEM


@dataclass(frozen=True)
class Authority:
    """The private authority: `pem` is its key followed by its certificate."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def pem(self) -> str:
        return _key_text(self.key) + self.public

    @property
    def public(self) -> str:
        return self.certificate.public_bytes(PEM).decode()

    @classmethod
    def new(cls, now: datetime) -> "Authority":
        """Draws a key and signs its certificate."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Relève, inside")])
        made = (
            _builder(name, name, key, now, AUTHORITY_LASTS)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .sign(key, hashes.SHA256())
        )
        return cls(key, made)

    @classmethod
    def parse(cls, pem: bytes) -> "Authority":
        """Reads `pem`; raises ValueError."""
        key = serialization.load_pem_private_key(pem, None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ValueError("the authority's key is not an elliptic curve's")
        return cls(key, x509.load_pem_x509_certificate(pem))

    def issue(self, names: Sequence[str], now: datetime, *, client: bool = False) -> str:
        """A key and its certificate for these names and loopback, as one PEM text."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        every: list[x509.GeneralName] = [x509.DNSName(name) for name in (*names, "localhost")]
        every += [x509.IPAddress(ipaddress.ip_address(address)) for address in LOOPBACK]
        uses = [ExtendedKeyUsageOID.SERVER_AUTH, *([ExtendedKeyUsageOID.CLIENT_AUTH] if client else [])]
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        made = (
            _builder(subject, self.certificate.subject, key, now, LASTS)
            .add_extension(x509.SubjectAlternativeName(every), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage(uses), critical=False)
            .add_extension(issuer, critical=False)
            .sign(self.key, hashes.SHA256())
        )
        return _key_text(key) + made.public_bytes(PEM).decode()

    def serves(self, pem: bytes, names: Sequence[str], now: datetime) -> bool:
        """Whether a certificate is ours, valid at these names, and not due for renewal."""
        try:
            found = x509.load_pem_x509_certificate(pem)
            found.verify_directly_issued_by(self.certificate)
            stated = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except (ValueError, TypeError, x509.ExtensionNotFound, InvalidSignature):
            return False
        valid_at = set(stated.get_values_for_type(x509.DNSName))
        return set(names) <= valid_at and found.not_valid_after_utc - now > RENEWED_BEFORE


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, lasts: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + lasts)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates, key_cert_sign=signs_certificates, crl_sign=signs_certificates,
        content_commitment=False, key_encipherment=False, data_encipherment=False, key_agreement=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _key_text(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
