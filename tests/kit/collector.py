"""A collector of traces for tests: takes OTLP over HTTP and keeps the spans."""

import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from deploy.local.ports import free_port


@dataclass(frozen=True)
class Span:
    """The parts of a span that tests read."""

    service: str
    name: str
    trace_id: str
    span_id: str
    parent_id: str
    attributes: dict[str, str]
    events: int
    said: str
    """The status's message."""


class Collector:
    """Listens while inside `with`; `spans` grows."""

    def __init__(self, token: str) -> None:
        self._token, self.port = token, free_port()
        self.spans: list[Span] = []
        self.strangers = 0
        """Number of refused batches: those without the token."""
        self._server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        """The value for RELEVE_OTLP_ENDPOINT."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                known = self.path == "/v1/traces" and self.headers["x-token"] == collector._token
                if known:
                    collector.take(ExportTraceServiceRequest.FromString(body))
                else:
                    collector.strangers += 1
                answer = ExportTraceServiceResponse().SerializeToString()
                self.send_response(200 if known else 401)
                self.send_header("content-type", "application/x-protobuf")
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: object) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def take(self, request: ExportTraceServiceRequest) -> None:
        """Stores the spans of one batch."""
        for resource in request.resource_spans:
            about = {pair.key: pair.value.string_value for pair in resource.resource.attributes}
            for scope in resource.scope_spans:
                for span in scope.spans:
                    attributes = {pair.key: pair.value.string_value for pair in span.attributes}
                    ids = (span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex())
                    rest = (attributes, len(span.events), span.status.message)
                    self.spans.append(Span(about["service.name"], span.name, *ids, *rest))
