"""Generates the secrets and certificates for deploy/compose.yaml: `python -m deploy.prepare`.

Each secret in deploy/secrets is created once and never overwritten, because data depends on the secrets. To renew a
password, delete its file and run this command again, then `up`. Certificates inside the system are replaced when they
are due (`deploy.authority`); running containers keep the old ones until `make renew-certificates` or `up`.
"""

import base64
import ipaddress
import secrets
import sys
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from contracts.parts import DATABASES, DRAWN, GIVEN
from deploy.authority import MEMBERS, OWNERS, Authority
from deploy.backup.sealed import new_key_text
from deploy.kafka.access import USERS, WATCHER

FOLDER = Path(__file__).with_name("secrets")
NAMES = ("localhost", "gateway")
CERTIFICATE_LASTS = timedelta(days=397)
Draw = Callable[[], str]


def draws() -> dict[str, Draw]:
    """The generator of each secret, by the name of its file."""
    every: dict[str, Draw] = dict.fromkeys(DRAWN, lambda: secrets.token_hex(32))
    every |= dict.fromkeys(GIVEN, str)  # empty: the trial mail server needs no password
    every["kafka_cluster"] = _cluster_id
    every |= dict.fromkeys(("kafka_admin", "kafka_broker", "kafka_controller", "mongo_admin"), _password)
    every["backup_key"] = new_key_text
    every["mongo_keyfile"] = lambda: base64.b64encode(secrets.token_bytes(756)).decode()
    every |= {f"{user}_kafka": _password for user in USERS}
    for database in DATABASES:
        every[f"{database}_mongo"] = lambda name=database: _uri(name, f"releve_{name}")  # type: ignore[misc]
    every["grafana_admin"] = _password
    every[f"{WATCHER}_mongo"] = lambda: _uri(WATCHER, "admin")
    return every


AUTHORITY, AUTHORITY_PUBLIC = "inside_authority", "inside_ca"
"""The authority with its key, which no container receives, and its certificate, which all receive."""


def prepare(folder: Path = FOLDER, now: datetime | None = None) -> list[str]:
    """Creates the missing files in `folder` and the certificates that are due; returns their names.

    Only the owner can enter the folder. The files in it are readable by all, because each is mounted on its own into
    containers that run as other users.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    missing = {name: draw for name, draw in draws().items() if not (folder / name).exists()}
    for name, draw in missing.items():
        _write(folder / name, draw())
    made = list(missing)
    if not (folder / "gateway_key").exists() or not (folder / "gateway_certificate").exists():
        for name, text in certificate(NAMES, datetime.now(UTC)).items():
            _write(folder / name, text)
            made.append(name)
    return made + certify(folder, now or datetime.now(UTC))


def certify(folder: Path, now: datetime) -> list[str]:
    """Creates the authority, once, and every certificate that is missing or due; returns the names of the files."""
    made = []
    if not (folder / AUTHORITY).exists():
        _write(folder / AUTHORITY, Authority.new(now).pem, mode=0o400)
        made.append(AUTHORITY)
    authority = Authority.parse((folder / AUTHORITY).read_bytes())
    public = folder / AUTHORITY_PUBLIC
    if not public.exists() or public.read_text() != authority.public:
        _write(public, authority.public)
        made.append(AUTHORITY_PUBLIC)
    for owner, names in OWNERS.items():
        path = folder / f"{owner}_tls"
        if not (path.exists() and authority.serves(path.read_bytes(), names, now)):
            _write(path, authority.issue(names, now, client=owner in MEMBERS))
            made.append(path.name)
    return made


def certificate(names: tuple[str, ...], now: datetime) -> Mapping[str, str]:
    """A key and a self-signed certificate for these names and loopback, as the texts of two files."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    alternatives: list[x509.GeneralName] = [x509.DNSName(name) for name in names]
    alternatives += [x509.IPAddress(ipaddress.ip_address(address)) for address in ("127.0.0.1", "::1")]
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + CERTIFICATE_LASTS)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return {
        "gateway_key": private.decode(),
        "gateway_certificate": made.public_bytes(serialization.Encoding.PEM).decode(),
    }


def _password() -> str:
    return secrets.token_hex(24)


def _uri(user: str, database: str) -> str:
    return f"mongodb://{user}:{_password()}@mongo:27017/?replicaSet=rs0&authSource={database}"


def _cluster_id() -> str:
    while True:
        drawn = base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
        if not drawn.startswith("-"):  # Kafka's tool would parse it as an option
            return drawn


def _write(path: Path, text: str, mode: int = 0o444) -> None:
    draft = path.with_suffix(".part")
    draft.write_text(text + "\n" if text and not text.endswith("\n") else text)
    draft.chmod(mode)
    draft.replace(path)


if __name__ == "__main__":
    made = prepare()
    print(f"deploy/secrets: {f'{len(made)} files made' if made else 'all there'}", file=sys.stderr)
