"""The settings of the web client."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from chassis.inside import Inside
from chassis.settings import BadSetting, integer, required, tls


@dataclass(frozen=True)
class Config:
    """Where the API and the visitors are, and the keys of the session cookie.

    - `api`: the gateway's inner listener; `public`: the address at which visitors see the pages.
    - `keys`: secrets of the session cookie; the first seals, every one opens.
    - `people`: a file with sample accounts to offer at sign-in; empty outside the embedded default.
    """

    api: str
    public: str
    keys: tuple[str, ...]
    people: str
    http_host: str
    http_port: int
    http_threads: int
    log_level: str
    tls: Inside

    @property
    def secure(self) -> bool:
        """Whether visitors use TLS, so that cookies can insist on it."""
        return urlsplit(self.public).scheme == "https"

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "Config":
        """Reads the settings. Raises `BadSetting` with one line that says how to fix it."""
        keys = tuple(key for key in required(environ, "RELEVE_WEB_KEY").replace(",", " ").split() if key)
        if any(len(key) < 32 for key in keys):
            raise BadSetting("RELEVE_WEB_KEY: each key needs 32 characters or more; commas separate keys, newest first")
        return cls(
            api=required(environ, "RELEVE_API_URL").rstrip("/"),
            public=environ.get("RELEVE_PUBLIC_URL", "http://localhost:8080").rstrip("/"),
            keys=keys,
            people=environ.get("RELEVE_PEOPLE", ""),
            http_host=environ.get("RELEVE_HTTP_HOST", "127.0.0.1"),
            http_port=integer(environ, "RELEVE_HTTP_PORT", 5000, 1),
            http_threads=integer(environ, "RELEVE_HTTP_THREADS", 256, 1),
            log_level=environ.get("RELEVE_LOG_LEVEL", "info").lower(),
            tls=tls(environ),
        )
