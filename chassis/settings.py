"""The settings that every service process shares, read from a mapping that ``app.py`` takes from the environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import isodate

from chassis import inside
from chassis.broker import CLIENTS, KAFKA_PYTHON, Broker
from chassis.inside import Inside


class BadSetting(Exception):
    """A setting is missing or invalid. The text names it and describes a valid value."""


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The settings of the environment, including those in files.

    ``RELEVE_X_FILE`` names a file that holds the value of ``RELEVE_X``, as containers receive secrets. With
    ``RELEVE_INSIDE_CA``, ``RELEVE_MONGO_URI`` asks for TLS. Raises `BadSetting` for a file that cannot be read.
    """
    settings = dict(environ)
    for name, path in environ.items():
        if name.startswith("RELEVE_") and name.endswith("_FILE"):
            try:
                settings[name.removesuffix("_FILE")] = Path(path).read_text().strip()
            except (OSError, UnicodeDecodeError) as error:
                raise BadSetting(f"{name}={path!r} cannot be read") from error
    if uri := settings.get("RELEVE_MONGO_URI"):
        settings["RELEVE_MONGO_URI"] = inside.with_tls(uri, settings.get("RELEVE_INSIDE_CA", ""))
    return settings


def duration(environ: Mapping[str, str], name: str, default: str) -> timedelta:
    """Reads an ISO 8601 duration without years or months, such as ``PT48H`` or ``P14D``. Raises `BadSetting`."""
    text = environ.get(name, default)
    try:
        value = isodate.parse_duration(text)
    except (isodate.ISO8601Error, ValueError) as error:
        raise BadSetting(f"{name}={text!r} is not an ISO 8601 duration (example: PT48H)") from error
    if not isinstance(value, timedelta) or value < timedelta(0):
        raise BadSetting(f"{name}={text!r} must be a positive duration of days, hours, minutes and seconds")
    return value


def integer(environ: Mapping[str, str], name: str, default: int, least: int = 0) -> int:
    """Reads a whole number of at least ``least``. Raises `BadSetting`."""
    text = environ.get(name, str(default))
    if not text.isascii() or not text.isdigit() or int(text) < least:
        raise BadSetting(f"{name}={text!r} must be a whole number of at least {least}")
    return int(text)


def flag(environ: Mapping[str, str], name: str, default: bool) -> bool:
    """Reads ``true`` or ``false``. Raises `BadSetting`."""
    text = environ.get(name, str(default)).lower()
    if text not in ("true", "false"):
        raise BadSetting(f"{name}={text!r} must be true or false")
    return text == "true"


def required(environ: Mapping[str, str], name: str) -> str:
    """Reads a setting that must not be empty. Raises `BadSetting`."""
    value = environ.get(name, "")
    if not value:
        raise BadSetting(f"{name} is not set")
    return value


def broker(environ: Mapping[str, str]) -> Broker:
    """Reads the Kafka cluster's settings: servers, and optionally user, password, the CA's certificate file and the
    library for the services' clients.

    ``RELEVE_KAFKA_CA`` is for brokers whose certificates come from another authority than ours. Raises `BadSetting`.
    """
    client = environ.get("RELEVE_KAFKA_CLIENT") or KAFKA_PYTHON
    if client not in CLIENTS:
        raise BadSetting(f"RELEVE_KAFKA_CLIENT={client!r} must be {' or '.join(CLIENTS)}")
    return Broker(
        servers=required(environ, "RELEVE_KAFKA"),
        user=environ.get("RELEVE_KAFKA_USER", ""),
        password=environ.get("RELEVE_KAFKA_PASSWORD", ""),
        ca=environ.get("RELEVE_KAFKA_CA") or environ.get("RELEVE_INSIDE_CA", ""),
        client=client,
    )


def tls(environ: Mapping[str, str]) -> Inside:
    """Reads the files for TLS between our own processes. Raises `BadSetting` for a file that does not serve."""
    try:
        return inside.read(environ)
    except (OSError, ValueError) as error:
        raise BadSetting("RELEVE_INSIDE_CA or RELEVE_INSIDE_CERTIFICATE names no usable PEM file") from error


PLAIN = Inside()


@dataclass(frozen=True)
class Settings:
    """Addresses of the engines and of accounts, HTTP options and retention times of one service process."""

    service: str
    mongo_uri: str
    database: str
    broker: Broker
    http_host: str
    http_port: int
    http_threads: int
    jwks_url: str
    second_factor: bool
    step_up_life: timedelta
    horizon: timedelta
    lease: timedelta
    log_level: str
    tls: Inside = PLAIN

    @classmethod
    def read(cls, service: str, environ: Mapping[str, str]) -> "Settings":
        """Reads the settings of a service. Raises `BadSetting` with one line that says how to fix it."""
        accounts = environ.get("RELEVE_ACCOUNTS_URL", "http://127.0.0.1:5001")
        keys = environ.get("RELEVE_KEYS_URL") or accounts
        return cls(
            service=service,
            mongo_uri=required(environ, "RELEVE_MONGO_URI"),
            database=environ.get("RELEVE_DB_PREFIX", "releve_") + service,
            broker=broker(environ),
            http_host=environ.get("RELEVE_HTTP_HOST", "127.0.0.1"),
            http_port=integer(environ, "RELEVE_HTTP_PORT", 5000, 1),
            http_threads=integer(environ, "RELEVE_HTTP_THREADS", 32, 1),
            jwks_url=keys.rstrip("/") + "/.well-known/jwks.json",
            second_factor=flag(environ, "RELEVE_SECOND_FACTOR", True),
            step_up_life=duration(environ, "RELEVE_STEP_UP_LIFE", "PT5M"),
            horizon=duration(environ, "RELEVE_HORIZON", "P90D"),
            lease=duration(environ, "RELEVE_LEASE", "PT6S"),
            log_level=environ.get("RELEVE_LOG_LEVEL", "info").lower(),
            tls=tls(environ),
        )
