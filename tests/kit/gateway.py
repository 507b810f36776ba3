"""A real Envoy with the rendered configuration, in front of services that answer with the request they received."""

import json
import logging
import ssl
import threading
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from contracts.parts import PARTS, WITH_HTTP
from deploy.gateway.render import Gateway, Rate, render
from deploy.local.engines import Envoy
from deploy.local.ports import free_port
from tests.kit.tokens import Signer
from tests.kit.waiting import until

MANY = Rate(100_000, 100_000)
PROBLEM = "application/problem+json"
logging.getLogger("werkzeug").setLevel(logging.WARNING)


class Keys:
    """The signing keys of one issuer, and the key set with which it would publish them."""

    def __init__(self, issuer: str = "releve") -> None:
        self.issuer = issuer
        self.live = {"one": Signer("one")}
        self.odd: list[dict[str, str]] = []
        """Members of the set that are not keys of a kind in use; they come first."""
        self.asked = 0

    def jwks(self) -> dict:
        self.asked += 1
        return {"keys": [*self.odd, *(signer.public() for signer in self.live.values())]}

    def token(self, sub: str = "a-person", signer: Signer | None = None, **claims: Any) -> dict[str, str]:
        """The header of a request by `sub`."""
        return (signer or self.live["one"]).header(sub, **({"iss": self.issuer} | claims))


class Handler(WSGIRequestHandler):
    """Records header names as received: werkzeug itself drops those with an underscore."""

    def make_environ(self) -> dict:
        return super().make_environ() | {"test.names": [name.lower() for name in self.headers]}


class Services:
    """The services: each answers with the request it received; a stream stays open after its first event.

    ``keys`` are those of the services that issue tokens, by service.
    """

    def __init__(self, keys: Mapping[str, Keys]) -> None:
        self.keys, self.release, self.unavailable_first = keys, threading.Event(), 0
        self.seen: list[str] = []
        """The paths of all requests that reached a service."""
        self.servers: dict[str, BaseWSGIServer] = {}

    def start(self, name: str, port: int = 0) -> str:
        """Starts a service; returns its address."""
        server = make_server("127.0.0.1", port, lambda env, start: self.answer(name, Request(env))(env, start),
                             threaded=True, request_handler=Handler)  # fmt: skip
        self.servers[name] = server
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return f"127.0.0.1:{server.server_port}"

    def stop(self, name: str) -> None:
        """The service is down."""
        server = self.servers.pop(name)
        server.shutdown()
        server.server_close()

    def answer(self, name: str, request: Request) -> Response:
        if request.path == "/healthz":
            return Response("ok")
        self.seen.append(request.path)
        if request.path.startswith("/.well-known/"):
            return self.json(self.keys[name].jwks() if name in self.keys else {"of": name})
        if request.path.endswith("/own-problem"):
            return Response('{"type": "urn:releve:problem:round-full"}', 409, content_type=PROBLEM)
        if request.path.endswith("/flaky") and self.unavailable_first:
            self.unavailable_first -= 1
            return Response("no", 503)
        if request.path.endswith("/stream"):
            return Response(self.events(), content_type="text/event-stream")
        if request.path.endswith("/long"):
            return Response("one line\n" * 1_000, content_type=request.args["type"])
        body = request.get_data()
        return self.json({"service": name, "headers": dict(request.headers), "bytes": len(body),
                          "names": request.environ["test.names"]})  # fmt: skip

    def events(self) -> Iterator[bytes]:
        yield b"event: notification\ndata: first\n\n"
        self.release.wait(20)
        yield b"event: notification\ndata: second\n\n"

    @staticmethod
    def json(body: object) -> Response:
        return Response(json.dumps(body), content_type="application/json")


class Running:
    """A gateway with the services behind it. ``keys`` are those of accounts, ``passes`` those of programmes."""

    def __init__(self, folder: Path, **settings: object) -> None:
        issuers = {part.name: Keys(part.tokens.issuer) for part in PARTS if part.tokens}
        self.keys, self.passes = issuers["accounts"], issuers["programmes"]
        self.services = Services(issuers)
        self.endpoints = {name: [self.services.start(name)] for name in WITH_HTTP}
        port = free_port()
        admin = free_port([port])
        gateway = Gateway(port=port, admin_port=admin, endpoints=self.endpoints, documents=folder,
                          **{"person": MANY, "address_rate": MANY, "sign_in": MANY, **settings})  # type: ignore[arg-type]  # fmt: skip
        (folder / "envoy.yaml").write_text(render(gateway))
        self.port, self.operators_port, self.inner_port = port, gateway.operators_port, gateway.inner_port
        self.envoy = Envoy(folder / "envoy.yaml", port, admin)
        secure = ssl.create_default_context(cafile=gateway.certificate) if gateway.certificate else True
        url = f"https://localhost:{port}" if gateway.certificate else self.envoy.url
        self.client = httpx.Client(base_url=url, timeout=10, verify=secure)

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.client.get(path, headers=headers)

    def __enter__(self) -> "Running":
        self.envoy.launch()
        until(lambda: [self.envoy.healthy(name) for name in WITH_HTTP], good=all)
        for path, keys in (("/api/skills", self.keys), ("/api/programmes", self.passes)):
            until(partial(self.get, path, **keys.token("warm-up")), good=lambda found: found.status_code != 503)
        return self

    def __exit__(self, *_: object) -> None:
        self.services.release.set()
        self.client.close()
        self.envoy.stop()
        for name in list(self.services.servers):
            self.services.stop(name)


def assert_problem(answer: httpx.Response, status: int, name: str) -> None:
    """The answer is this problem, in the shape of every error."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)
    body = answer.json()
    assert (body["type"], body["status"]) == (f"urn:releve:problem:{name}", status)
    assert body["title"]
    assert body["detail"]
    assert ("retry-after" in answer.headers) == (status in (429, 503))
