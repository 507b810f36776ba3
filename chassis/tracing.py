"""Exports traces to the operator's collector by OTLP over HTTP. Without a collector no span leaves its process.

A background thread sends spans in batches from memory: a slow or missing collector loses spans and has no other effect.
Spans hold names, times and ids, never a payload or an exception's text (`chassis.telemetry.span`).
"""

import logging
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import DEFAULT_ON, Decision, Sampler, SamplingResult
from opentelemetry.trace import Link, SpanKind, TraceState
from opentelemetry.util.types import Attributes
from prometheus_client import Counter

from chassis.settings import BadSetting

BATCH_EVERY_MS = 500
"""Milliseconds between batches. A process does not flush at its end, so its last spans of that time may be lost."""
QUEUE, BATCH = 8_192, 512
TIMEOUT_S = 2.0
"""Timeout of a batch in seconds, retries included; shorter than the time that a process has to stop."""
UNWANTED = ("/healthz", "/readyz", "/metrics")
LOST = Counter("releve_spans_lost_total", "Spans that the collector did not accept")
_LIBRARY = "opentelemetry.exporter.otlp.proto.http.trace_exporter"


def export(service: str, environ: Mapping[str, str]) -> None:
    """Sends this process's spans to ``/v1/traces`` of ``RELEVE_OTLP_ENDPOINT``; does nothing if that is not set.

    ``RELEVE_OTLP_HEADERS`` (``name=value``, separated by commas) is sent with every batch. Call this before
    `chassis.telemetry.start`. Raises `BadSetting`.
    """
    endpoint = environ.get("RELEVE_OTLP_ENDPOINT", "")
    if not endpoint or isinstance(trace.get_tracer_provider(), TracerProvider):  # a forked child inherits a provider
        return
    if urlsplit(endpoint).scheme not in ("http", "https") or not urlsplit(endpoint).hostname:
        raise BadSetting(f"RELEVE_OTLP_ENDPOINT={endpoint!r} is not a URL (example: http://collector:4318)")
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # 3 MB that few processes need

    logging.getLogger(_LIBRARY).setLevel(logging.CRITICAL)  # its lines hold addresses; `LOST` counts the failures
    inner = OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces", headers=_headers(environ), timeout=TIMEOUT_S)
    batches = BatchSpanProcessor(Counting(inner), QUEUE, BATCH_EVERY_MS, BATCH)
    provider = TracerProvider(
        sampler=Wanted(), resource=Resource({"service.name": f"releve-{service}"}), shutdown_on_exit=False
    )
    provider.add_span_processor(batches)
    trace.set_tracer_provider(provider)


def _headers(environ: Mapping[str, str]) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in environ.get("RELEVE_OTLP_HEADERS", "").split(",") if pair.strip()]
    if not all(name.strip() and equals for name, equals, _ in pairs):
        raise BadSetting("RELEVE_OTLP_HEADERS is not name=value,name=value")  # its values are secrets
    return {name.strip(): value.strip() for name, _, value in pairs}


class Counting(SpanExporter):
    """Wraps an exporter and counts the spans that the collector did not accept."""

    def __init__(self, inner: SpanExporter) -> None:
        self._inner = inner

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Exports the spans and returns the inner exporter's result."""
        result = self._inner.export(spans)
        if result is not SpanExportResult.SUCCESS:
            LOST.inc(len(spans))
        return result

    def shutdown(self) -> None:
        """Shuts the inner exporter down."""
        self._inner.shutdown()


class Wanted(Sampler):
    """Samples everything except health checks and scrapes, of which there are several per second."""

    def should_sample(
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        """Drops health checks and scrapes; otherwise follows the caller's sampling decision."""
        if name.endswith(UNWANTED):
            return SamplingResult(Decision.DROP)
        return DEFAULT_ON.should_sample(parent_context, trace_id, name, kind, attributes, links)

    def get_description(self) -> str:
        """The sampler's name in the library's logs."""
        return "all but health checks"
