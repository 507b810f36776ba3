"""Logs, metrics and traces. They hold ids, types, offsets and durations, never a payload."""

import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import structlog
from opentelemetry import propagate, trace
from opentelemetry.context import Context, attach, detach
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from prometheus_client import Counter, Gauge, Histogram

from chassis.lines import Lines

log: Any = structlog.get_logger()
_tracer = trace.get_tracer("releve")
_NEW = RandomIdGenerator()
_SAMPLED = trace.TraceFlags(trace.TraceFlags.SAMPLED)
_written: list[Lines] = []
"""What `start` made; its process may have inherited one by a fork, with nothing to write."""

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_LATE = (0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 8, 15, 30, 60, 300, 1_800, 7_200)
"""Buckets in seconds for waiting times: fine up to eight seconds, and long enough to show an outage."""
REQUESTS = Histogram("releve_http_seconds", "Time to answer a request", ["method", "route", "status"], buckets=_SECONDS)
EVENTS = Counter("releve_events_total", "Events consumed", ["event", "outcome"])
EVENT_SECONDS = Histogram("releve_event_seconds", "Duration of a handler", ["event"], buckets=_SECONDS)
EVENT_AGE = Histogram("releve_event_age_seconds", "Time from an event to its effect", ["event"], buckets=_LATE)
PUBLISHED = Counter("releve_outbox_published_total", "Events published by the relay", ["topic"])
LOST = Counter("releve_events_lost_total", "Events deleted from a topic before this group read them", ["topic"])
HALTED = Gauge("releve_consumer_halted", "1 while the consumer is halted by a run of poison messages")
TRANSACTION_RETRIES = Counter("releve_transaction_retries_total", "Transactions retried after a conflict")
CONSUMER_RESTARTS = Counter("releve_consumer_restarts_total", "Kafka clients that were replaced", ["part", "reason"])
READY = Gauge("releve_worker_ready", "1 while this part of the worker is ready", ["part"])
RELAY_FAILURES = Counter("releve_relay_failures_total", "Relay sessions that ended in an error")
REVOCATIONS_AGE = Gauge("releve_revocations_age_seconds", "Time since ended sessions were last read")
DEADLINES = Counter("releve_deadlines_total", "Deadlines that fired", ["collection", "outcome"])
CERTIFICATE_ENDS = Gauge(
    "releve_certificate_ends_timestamp_seconds", "When a certificate inside the system ends", ["server"]
)
UNOPENED = Counter("releve_ciphertexts_unopened_total", "Ciphertexts that did not open: wrong key or changed data")
LATENESS = Histogram("releve_deadline_lateness_seconds", "How late a deadline fired", ["collection"], buckets=_LATE)


def _ids() -> dict[str, str]:
    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return {}
    return {"trace_id": trace.format_trace_id(context.trace_id), "span_id": trace.format_span_id(context.span_id)}


def _add_trace(_logger: Any, _method: str, entry: Any) -> Any:
    return {**entry, **_ids()}


class _ShortErrors(logging.Filter):
    """Reduces an exception in a library's log record to its class: its text and frames may hold payload."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and record.exc_info[0]:
            record.msg, record.args = f"{record.name}: {record.exc_info[0].__name__}", ()
            record.exc_info = None
        return True


def start(service: str, side: str, level: str = "info") -> None:
    """Sets up logs (one JSON object per line on standard output) for this process. Call it once."""
    threshold = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)

    def add_process(_logger: Any, _method: str, entry: Any) -> Any:
        return {"service": service, "side": side, **entry}

    lines = Lines(sys.stdout)
    _written.append(lines)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            add_process,
            _add_trace,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=lambda *_: lines,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(lines)
    handler.setFormatter(_LibraryRecord(service, side))
    handler.addFilter(_ShortErrors())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def flush() -> None:
    """Writes the log lines that wait. For code that ends the process by `os._exit`."""
    for lines in _written:
        lines.flush()


class _LibraryRecord(logging.Formatter):
    """Formats log records of libraries like our own."""

    def __init__(self, service: str, side: str) -> None:
        super().__init__()
        self._fields = {"service": service, "side": side}
        self._render = structlog.processors.JSONRenderer(ensure_ascii=False)

    def format(self, record: logging.LogRecord) -> str:
        entry = {**self._fields, "level": record.levelname.lower(), "logger": record.name}
        return str(self._render(None, "", {**entry, "event": record.getMessage()}))


@contextmanager
def span(name: str, parent: Mapping[str, str] | None = None, **ids: str) -> Iterator[dict[str, str]]:
    """Opens a span; ``parent`` carries the ``traceparent`` of the trace to continue.

    Yields the span's ids, for a log line written after the span ends. Where no provider exports spans
    (`chassis.tracing`), nothing is recorded: the ids go on in logs and in ``traceparent``, as if it were.
    """
    context = propagate.extract(parent) if parent else None
    if not isinstance(trace.get_tracer_provider(), TracerProvider):
        token = attach(trace.set_span_in_context(trace.NonRecordingSpan(_next_ids(context)), context))
        try:
            yield _ids()
        finally:
            detach(token)
        return
    # an exception's text may hold payload, so it is not recorded
    with _tracer.start_as_current_span(
        name, context=context, attributes=ids, record_exception=False, set_status_on_exception=False
    ):
        yield _ids()


def _next_ids(context: Context | None) -> trace.SpanContext:
    """A new span's ids: in the trace of the current span or of ``context``, or in a new trace."""
    above = trace.get_current_span(context).get_span_context()
    if above.is_valid:
        return trace.SpanContext(above.trace_id, _NEW.generate_span_id(), False, above.trace_flags, above.trace_state)
    return trace.SpanContext(_NEW.generate_trace_id(), _NEW.generate_span_id(), False, _SAMPLED)


def trace_of(traceparent: str | None) -> dict[str, str]:
    """The trace id of an event, for a log line outside its span; empty without a valid ``traceparent``."""
    parts = (traceparent or "").split("-")
    return {"trace_id": parts[1]} if len(parts) == 4 else {}


def error_name(error: BaseException) -> str:
    """An exception as logs may show it: its class and its code, if it has one, never its text.

    An error of ours that stands for a library's (``behind``) is shown as the library's.
    """
    error = getattr(error, "behind", None) or error
    code = getattr(error, "code", None)
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    return f"{name}({code})" if isinstance(code, int) else name


def error_place(error: BaseException) -> str:
    """File and line where an exception was raised, for a log."""
    frames = error.__traceback__
    while frames is not None and frames.tb_next is not None:
        frames = frames.tb_next
    return f"{frames.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{frames.tb_lineno}" if frames else "?"
