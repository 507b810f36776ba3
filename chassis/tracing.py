"""Traces to a collector of the operator's choice, by OTLP over HTTP. Without one no span leaves its process.

Spans wait in memory and go in batches from a thread of their own: a collector that is away, or slow, costs spans and
nothing else. They hold names, times and ids, never a payload or an exception's text (`chassis.telemetry.span`).
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
"""So much of the end of a process may be missing: none waits for its collector."""
QUEUE, BATCH = 8_192, 512
TIMEOUT_S = 2.0
"""For one batch, another attempt included: less than any process has to stop."""
UNWANTED = ("/healthz", "/readyz", "/metrics")
LOST = Counter("releve_spans_lost_total", "Spans that the collector did not take")
_LIBRARY = "opentelemetry.exporter.otlp.proto.http.trace_exporter"


def export(service: str, environ: Mapping[str, str]) -> None:
    """Sends this process's spans to ``RELEVE_OTLP_ENDPOINT`` (its ``/v1/traces``); does nothing where none is set.

    ``RELEVE_OTLP_HEADERS`` (``name=value`` by commas) goes with every batch. Call it before `chassis.telemetry.start`.
    Raises `BadSetting`.
    """
    endpoint = environ.get("RELEVE_OTLP_ENDPOINT", "")
    if not endpoint or isinstance(trace.get_tracer_provider(), TracerProvider):  # the latter came with a fork
        return
    if urlsplit(endpoint).scheme not in ("http", "https") or not urlsplit(endpoint).hostname:
        raise BadSetting(f"RELEVE_OTLP_ENDPOINT={endpoint!r} is no address (an example: http://collector:4318)")
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # 3 MB that few need

    logging.getLogger(_LIBRARY).setLevel(logging.CRITICAL)  # its lines hold addresses; `LOST` says enough
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
    """Counts what the collector did not take."""

    def __init__(self, inner: SpanExporter) -> None:
        self._inner = inner

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """As the exporter inside says."""
        result = self._inner.export(spans)
        if result is not SpanExportResult.SUCCESS:
            LOST.inc(len(spans))
        return result

    def shutdown(self) -> None:
        """Ends the exporter inside."""
        self._inner.shutdown()


class Wanted(Sampler):
    """All but the health checks and scrapes, of which there are several a second."""

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
        """Whether a span of this name is kept; one whose caller keeps none is not."""
        if name.endswith(UNWANTED):
            return SamplingResult(Decision.DROP)
        return DEFAULT_ON.should_sample(parent_context, trace_id, name, kind, attributes, links)

    def get_description(self) -> str:
        """For the library."""
        return "all but health checks"
