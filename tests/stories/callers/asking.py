"""Calls of the API's routes as its document describes them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from chassis.ids import new_id
from tests.kit.openapi import resolve

OF_CHALLENGE = frozenset({"challenge_id", "team_id", "organiser_id"})
"""Ids of a programme of challenges; the others are of a programme of pairs."""
PARAMETER = re.compile(r"{(\w+)}")
OURS = ("x-request-id", "x-trace-id", "date", "x-envoy-upstream-service-time", "connection", "content-length")
"""Headers that differ between any two answers."""


@dataclass(frozen=True)
class Call:
    """One operation of the document: its method, its path's template, and the body and the query it wants."""

    method: str
    path: str
    body: Any
    query: tuple[str, ...]
    public: bool
    roles: frozenset[str]

    @property
    def name(self) -> str:
        """`GET /api/projects/{project_id}`"""
        return f"{self.method} {self.path}"

    @property
    def parameters(self) -> list[str]:
        """The names in its path."""
        return PARAMETER.findall(self.path)

    def filled(self, ids: Mapping[str, str]) -> tuple[str, Any]:
        """The path with these ids and the body that names them. Raises KeyError if an id is missing."""
        if OF_CHALLENGE.intersection(self.parameters):
            ids = {**ids, "programme_id": ids["programme_of_challenge"]}
        path = PARAMETER.sub(lambda found: ids[found[1]], self.path)
        if self.query:
            path += "?" + "&".join(f"{name}={ids[name]}" for name in self.query)
        body = self.body
        if isinstance(body, dict):
            body = {name: ids[name] if name in ("project_id", "quote_id") else value for name, value in body.items()}
        return path, body

    def send(self, http: httpx.Client, ids: Mapping[str, str], token: str | None) -> httpx.Response:
        """The answer to a call with these ids and this token."""
        path, body = self.filled(ids)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if "stream" in self.path:
            with http.stream(self.method, path, headers=headers) as answer:
                if answer.status_code >= 400:
                    answer.read()
                return answer
        return http.request(self.method, path, json=body, headers=headers)


def calls(document: Mapping[str, Any]) -> Iterator[Call]:
    """Every operation of the API's document."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            said = operation.get("description", "")
            parameters = [resolve(document, one) for one in operation.get("parameters", ())]
            query = tuple(one["name"] for one in parameters if one["in"] == "query" and one.get("required"))
            content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            roles = re.match(r"For: ([^.]+)\.", said)
            yield Call(
                method.upper(), path, content.get("example"), query, said.startswith("Public"),
                frozenset(roles[1].split(", ")) if roles else frozenset(),
            )  # fmt: skip


def unknown(ids: Mapping[str, str]) -> dict[str, str]:
    """The same ids, but those of things lead nowhere."""
    kept = ("moment", "name", "mentor_ref", "mentee_ref", "ref")
    return {name: value if name in kept else new_id() for name, value in ids.items()}


def shown(answer: httpx.Response) -> tuple[int, dict[str, str], Any]:
    """What a caller can tell apart: status, headers and body, without what differs between any two answers."""
    headers = {name: value for name, value in answer.headers.items() if name not in OURS}
    return answer.status_code, headers, answer.text
