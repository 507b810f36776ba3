"""The internal routes of another service, which the gateway never exposes."""

import json
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

TIMEOUT_S = 5


class NoAddress(Exception):
    """The service does not know the person, the mail or the message, or no longer does."""


class InternalRoutes:
    """Calls below ``/internal`` with the token that the services share."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._token = token

    def ask(self, method: str, resource: str, id: str) -> Any:
        """The JSON answer, None without one. Raises `NoAddress` for a 404, `OSError` for temporary failures."""
        url = f"{self._url}/internal/{resource}/{urllib.parse.quote(id, safe='')}"
        headers, data = {"X-Releve-Internal": self._token}, b"" if method == "POST" else None
        request = urllib.request.Request(url, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
                return json.load(answer) if answer.status == 200 else None
        except urllib.error.HTTPError as error:
            if error.code == 404:
                raise NoAddress from error
            raise
