"""The headers that the gateway removes from requests and adds to answers."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

FOR_OPERATORS = "x-releve-for-operators"
"""The header that marks requests on listeners with the operators' routes; only the gateway sets it."""
NOT_FROM_OUTSIDE = (
    # who the caller is: only the token says so
    "x-user-sub", "x-jwt-payload", "x-user-id", "x-user", "x-remote-user", "remote-user", "x-auth-request-user",
    "x-auth-request-email", "x-auth-request-groups", "x-forwarded-user", "x-forwarded-email", "x-forwarded-groups",
    "x-forwarded-preferred-username", "x-forwarded-access-token", "x-goog-authenticated-user-id",
    "x-goog-authenticated-user-email", "x-amzn-oidc-identity", "x-amzn-oidc-data", "x-amzn-oidc-accesstoken",
    "x-ms-client-principal", "x-ms-client-principal-id", "x-ms-client-principal-name", "x-releve-internal",
    "x-forwarded-client-cert", "x-client-cert", "x-ssl-client-cert", "x-ssl-client-verify", "x-ssl-client-s-dn",
    "ssl-client-cert", "client-cert", "client-cert-chain",
    # where the request comes from: only the connection and trusted proxies say so
    "x-forwarded-host", "x-forwarded-port", "x-forwarded-prefix", "x-forwarded-server", "x-forwarded-uri",
    "forwarded", "x-real-ip", "x-client-ip", "x-cluster-client-ip", "true-client-ip", "cf-connecting-ip",
    "fastly-client-ip", "x-appengine-user-ip", "x-azure-clientip", "x-original-forwarded-for", "x-original-url",
    "x-original-host", "x-rewrite-url", "x-http-method-override", "x-http-method", "x-method-override", FOR_OPERATORS,
    # traces: a stranger could join its requests to a client's trace, or sample everything
    "traceparent", "tracestate", "baggage", "b3", "x-b3-traceid", "x-b3-spanid", "x-b3-parentspanid", "x-b3-sampled",
    "x-b3-flags", "uber-trace-id", "x-ot-span-context", "x-cloud-trace-context", "x-amzn-trace-id", "sentry-trace",
    "x-datadog-trace-id", "x-datadog-parent-id", "x-datadog-sampling-priority", "grpc-trace-bin",
)  # fmt: skip
"""Headers of a client that never reach a service."""
NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The content security policy of answers that are no pages."""
A_YEAR = "max-age=31536000; includeSubDomains"
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


def put(name: str, value: str, *, keep: bool = False) -> dict[str, Any]:
    """Envoy's way to say a header; ``keep`` keeps the value that an answer has already."""
    action = "ADD_IF_ABSENT" if keep else "OVERWRITE_IF_EXISTS_OR_ADD"
    return {"header": {"key": name, "value": value}, "append_action": action}


def every_answer(*, tls: bool) -> Iterator[str]:
    """The lines of Envoy's configuration that add headers to all answers. With TLS, browsers then use nothing else."""
    added = [
        put("x-content-type-options", "nosniff"),
        put("referrer-policy", "no-referrer", keep=True),
        put("content-security-policy", NOTHING, keep=True),
    ]
    if tls:
        added.append(put("strict-transport-security", A_YEAR))
    yield from (f"                - {json.dumps({'append': one})}" for one in added)


def page_policy(page: str) -> str:
    """The content security policy of a page that has its styles in itself, and neither scripts nor pictures."""
    digests = [base64.b64encode(hashlib.sha256(style.encode()).digest()).decode() for style in _STYLE.findall(page)]
    sources = " ".join(f"'sha256-{digest}'" for digest in digests)
    return f"{NOTHING}; style-src {sources}" if sources else NOTHING
