"""ETag and If-Match by the aggregate's version (RFC 9110, sections 8.8.3 and 13.1.1)."""

from collections.abc import Mapping
from typing import Any

from flask import request

from chassis.facts import Refusal


def etag(version: int) -> dict[str, str]:
    """The header that names this version."""
    return {"ETag": f'"{version}"'}


def check_if_match(document: Mapping[str, Any] | None) -> None:
    """Raises ``stale`` (412) when the caller changes a version that is not the present one.

    Nothing matches where there is no document yet, not even ``*``.
    """
    if "If-Match" not in request.headers:
        return
    if document is None or not request.if_match.contains(str(document["version"])):
        raise Refusal("stale", "Read it again, then repeat your change.")
