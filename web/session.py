"""The session: what the browser keeps, sealed, so that neither it nor a script on a page can read a token."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from web.api import Answer, Api, Away, Caller, NotFound

REFRESH_BEFORE_S = 60
"""Seconds of life below which an access token is replaced."""
REMEMBERED_S = 30.0
"""How long a renewed session is remembered: a browser's parallel requests still carry the old one."""
KEPT_S = 90 * 24 * 3600


@dataclass(frozen=True)
class Session:
    """One person's session. `ends` is when the access token ends, in seconds since 1970.

    `takes_part`: a mentor is known to take part in a programme, so that the navigation has it.
    """

    access: str
    refresh: str
    ends: float
    account: str
    role: str
    name: str
    locale: str
    zone: str
    takes_part: bool = False


def _takes_part(caller: Caller) -> bool:
    try:
        return bool(caller.read("programmes", limit=1)["items"])
    except (Away, NotFound):  # signing in needs no programme
        return False


class Seal:
    """Seals small values into texts that only this system opens (Fernet; the first key seals, every key opens)."""

    def __init__(self, keys: Sequence[str]) -> None:
        made = [Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest())) for key in keys]
        self._keys = MultiFernet(made)

    def close(self, purpose: str, value: Any) -> str:
        """The sealed text of a value for one purpose; it opens for no other."""
        return self._keys.encrypt(json.dumps([purpose, value]).encode()).decode()

    def open(self, purpose: str, text: str, within_s: int = KEPT_S) -> Any:
        """The value, or None if the text is not ours, is for another purpose, or is older than `within_s`."""
        try:
            sealed_for, value = json.loads(self._keys.decrypt(text.encode(), ttl=within_s))
        except (InvalidToken, ValueError):
            return None
        return value if sealed_for == purpose else None


class Sessions:
    """Opens, renews and seals sessions. One for the process, used by all threads."""

    def __init__(self, api: Api, seal: Seal) -> None:
        self._api, self._seal = api, seal
        self._renewed: dict[str, tuple[float, Session]] = {}
        self._lock, self._busy = threading.Lock(), {}  # type: ignore[var-annotated]

    def sealed(self, session: Session) -> str:
        """The cookie's value."""
        return self._seal.close("session", asdict(session))

    def opened(self, cookie: str) -> Session | None:
        """The session of a cookie, as it was sealed; None if it is none of ours."""
        value = self._seal.open("session", cookie) if cookie else None
        return Session(**value) if value else None

    def begun(self, tokens: dict[str, Any], locale: str, address: str) -> Session:
        """The session of tokens that accounts has just issued. Raises like `Caller.read`."""
        access = tokens["access_token"]
        caller = Caller(self._api, access, locale, address)
        me, preferences = caller.every(("accounts", "me"), ("notifications", "preferences"))
        return Session(
            access=access, refresh=tokens["refresh_token"], ends=time.time() + tokens["expires_in"],
            account=me["id"], role=me["role"], name=me["display_name"], locale=me["locale"],
            zone=(preferences or {}).get("timezone") or "Europe/Paris",
            takes_part=me["role"] == "mentor" and _takes_part(caller),
        )  # fmt: skip

    def fresh(self, session: Session, address: str) -> Session | None:
        """The session with an access token that still lives for a while; None once accounts has ended it.

        One thread renews, the others wait for it. Raises `web.api.Away` if accounts does not answer, and the access
        token has ended.
        """
        if session.ends - time.time() > REFRESH_BEFORE_S:
            return session
        with self._one_at_a_time(session.refresh):
            with self._lock:
                now = time.monotonic()
                self._renewed = {
                    key: (at, kept) for key, (at, kept) in self._renewed.items() if now - at < REMEMBERED_S
                }
                if found := self._renewed.get(session.refresh):
                    return found[1]
            body = {"refresh_token": session.refresh}
            answer: Answer = self._api.call("POST", "/api/sessions/refresh", body, {"X-Forwarded-For": address})
            if answer.problem == "rate-limited":
                raise Away(answer.problem)  # the session lives
            if not answer.ok:
                return None
            got = answer.body
            renewed = replace(session, access=got["access_token"], refresh=got["refresh_token"],
                              ends=time.time() + got["expires_in"])  # fmt: skip
            with self._lock:
                self._renewed[session.refresh] = (time.monotonic(), renewed)
            return renewed

    def _one_at_a_time(self, refresh: str) -> threading.Lock:
        with self._lock:
            if len(self._busy) > 10_000:
                self._busy = {key: lock for key, lock in self._busy.items() if lock.locked()}
            lock: threading.Lock = self._busy.setdefault(refresh, threading.Lock())
            return lock
