"""Thousands of generated requests, valid and invalid, on every operation: no 5xx, no undocumented response."""

import secrets
import time
from collections.abc import Iterator
from random import Random
from typing import Any
from urllib.parse import unquote

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from deploy.gateway import documents
from stories.nestle_waters import ORGANISATION, SOLUTION, expect
from stories.people import PASSWORD, about, client, mentor, offer, pause
from tests.conftest import CASES
from tests.stories.running import Running

SCHEMA = schemathesis.openapi.from_path(documents.built() / "openapi.json")
STREAM = "GET /api/notifications/stream"
OPERATIONS = {
    operation.label: operation
    for operation in (found.ok() for found in SCHEMA.get_all_operations() if isinstance(found, Ok))
    if operation.label != STREAM
}
CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
ENDS_SESSION = {"POST /api/accounts/me/erasure", "DELETE /api/sessions/current"}
CHECK_PASSWORDS = {"PUT /api/accounts/me/password", "POST /api/accounts/me/erasure"}
"""They answer 401 to a signed-in caller with a wrong password, too."""
TOPIC = "quantum-computing"
NOBODY = "nobody"
PATIENCE = 5
ADDRESS = {"street": "34, rue Guynemer", "postal_code": "92130", "city": "Issy-les-Moulineaux", "country": "FR"}


class Cast:
    """A client and a mentor with resources in every state, and the ids and bodies used in generated requests."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = requests.Session()
        self.people = {"client": client(url, ORGANISATION), "mentor": mentor(url, "Ana", [TOPIC])}
        self.others = [mentor(url, f"Mentor {number}", [TOPIC]) for number in range(4)]
        self.project = {"title": "Vidéo", **about([TOPIC]), "languages": ["fr"], "window": "PT1H"}
        self.ids: dict[str, list[str]] = {
            "account_id": [person.id for person in self.people.values()], "project_id": [], "quote_id": [],
            "question_id": [], "invitation_id": [], "notification_id": [], "token": [secrets.token_hex(32)],
        }  # fmt: skip
        self._awarded()
        self._open()
        self._programme()
        chair = self.people["client"]
        for person in self.people.values():
            page = person.until("/api/notifications?limit=200", lambda page: page["items"] and page)
            self.ids["notification_id"] += [item["id"] for item in page["items"][:2]]
        self.bodies: dict[str, dict[str, Any]] = {
            "POST /api/accounts": {"password": PASSWORD, "role": "mentor", "display_name": "Zoé", "locale": "fr"},
            "PATCH /api/accounts/me": {"display_name": "Camille", "locale": "fr"},
            "POST /api/sessions": {"email": chair.email, "password": PASSWORD},
            "POST /api/sessions/refresh": {"refresh_token": chair.session["refresh_token"]},
            "POST /api/accounts/password-reset": {"email": chair.email},
            "PUT /api/organisations/me": ORGANISATION,
            "PUT /api/mentors/me": self.people["mentor"].card | {"paused": True},
            "PUT /api/projects/billing/me": {"legal_name": "Nestlé Waters SAS", "address": ADDRESS},
            "POST /api/projects": self.project,
            "POST /api/programmes": self.programme,
            "POST /api/programmes/joins": {"token": self.ids["token"][-1], "name": "Zoé", "email": "zoe@example.org"},
            "POST /api/quotes": offer(self.ids["project_id"][0], 1200, SOLUTION),
            "PATCH /api/quotes/{quote_id}": offer("", 1300, SOLUTION),
            "POST /api/projects/{project_id}/acceptance": {"quote_id": self.ids["quote_id"][0]},
        }
        del self.bodies["PATCH /api/quotes/{quote_id}"]["project_id"]

    def _awarded(self) -> None:
        chair, ana = self.people["client"], self.people["mentor"]
        project_id = expect(chair.post("/api/projects", self.project), 201)["id"]
        quotes = [expect(person.quote(project_id, 900, SOLUTION), 201)["id"] for person in (ana, *self.others)]
        chair.until(f"/api/projects/{project_id}", lambda project: project["state"] == "choosing")
        expect(chair.post(f"/api/projects/{project_id}/acceptance", {"quote_id": quotes[0]}), 200)
        chair.until(f"/api/projects/{project_id}/order", lambda order: order)
        self.ids["project_id"].append(project_id)
        self.ids["quote_id"].append(quotes[0])

    def _open(self) -> None:
        chair, ana = self.people["client"], self.people["mentor"]
        project_id = expect(chair.post("/api/projects", self.project), 201)["id"]
        self.ids["invitation_id"].append(ana.invitation(project_id)["id"])
        self.ids["quote_id"].append(expect(ana.quote(project_id, 900, SOLUTION), 201)["id"])
        asked = ana.ask(project_id, "Combien de personnes ?")
        self.ids["question_id"].append(expect(asked, 201)["id"])
        self.ids["project_id"].append(project_id)

    def _programme(self) -> None:
        """A programme with two people and a link; each of them may be removed in between."""
        chair = self.people["client"]
        body = {"name": "Douze et douze", "kind": "pairing", "organisations": ["Nestlé Waters"]}
        programme_id = expect(chair.post("/api/programmes", body), 201)["id"]
        people = [{"ref": ref, "name": ref, "email": f"{ref}@example.org", "side": side}
                  for ref, side in (("M01", "mentor"), ("D01", "mentee"))]  # fmt: skip
        expect(chair.call("POST", f"/api/programmes/{programme_id}/participants", people), 200)
        link = expect(chair.post(f"/api/programmes/{programme_id}/links", {"side": "mentor"}), 201)
        self.ids |= {"programme_id": [programme_id], "ref": ["M01", "D01"], "link_id": [link["id"]]}
        self.ids["token"].append(link["token"])
        self.programme = body

    def send(self, case: Case, who: str) -> Any:
        """Sends the case and returns the response; retries a 503 with Retry-After, as web clients do.

        The token is set last: schemathesis leaves it out of some cases by itself.
        """

        def sign(request: requests.PreparedRequest) -> requests.PreparedRequest:
            if who == NOBODY:
                request.headers.pop("Authorization", None)
            else:
                request.headers["Authorization"] = str(self.people[who].http.headers["Authorization"])
            return request

        answer: Any = None
        for _ in range(PATIENCE):
            answer = case.call(base_url=self.url, session=self.http, auth=sign, timeout=20)
            if answer.status_code != 503 or "retry-after" not in answer.headers:
                break
            time.sleep(float(answer.headers["retry-after"][0]))
        return answer

    def renew(self, who: str) -> None:
        """Replaces an erased person by a new one in the same role."""
        self.people[who].http.close()
        if who == "client":
            self.people[who] = client(self.url, ORGANISATION)
        else:
            self.people[who] = mentor(self.url, "Ana", [TOPIC], paused=True)

    def aim(self, case: Case, random: Random) -> None:
        """Replaces most generated ids and bodies by valid ones, so that the case reaches deeper code."""
        for name in case.path_parameters or {}:
            if random.random() < 0.7:
                case.path_parameters[name] = random.choice(self.ids.get(name, self.ids["project_id"]))
        if "project_id" in (case.query or {}) and random.random() < 0.7:
            case.query["project_id"] = random.choice(self.ids["project_id"])
        whole = self.bodies.get(case.operation.label)
        if whole and isinstance(case.body, dict):
            if case.operation.label == "POST /api/accounts":
                whole = whole | {"email": f"zoe-{secrets.token_hex(6)}@example.org"}
            case.body = case.body | {name: value for name, value in whole.items() if random.random() < 0.85}


@pytest.fixture(scope="module")
def cast(system: Running) -> Iterator[Cast]:
    cast = Cast(system.url)
    pause(cast.others)
    yield cast
    pause([cast.people["mentor"]])
    cast.http.close()


@pytest.mark.parametrize("label", OPERATIONS)
def test_every_response_is_documented(cast: Cast, label: str) -> None:
    operation = OPERATIONS[label]
    raw = operation.definition.raw
    roles: list[str] | None = raw.get("x-roles")
    allowed = [role for role in ("client", "mentor") if not roles or role in roles]
    for role in cast.people:
        cast.people[role].sign_in()
    faults: dict[str, str] = {}

    @settings(
        max_examples=max(1, round(CASES / len(OPERATIONS))), derandomize=True, database=None, deadline=None,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck), verbosity=Verbosity.quiet,
    )  # fmt: skip
    @given(case=_cases(operation), who=st.sampled_from([*allowed * 4, "client", "mentor", NOBODY]), random=st.randoms())
    def send(case: Case, who: str, random: Random) -> None:
        cast.aim(case, random)
        answer = cast.send(case, who)
        for fault in _faults(case, answer, who, roles):
            faults.setdefault(fault[:160], f"{who}: {fault}\n{case.as_curl_command()[:1500]}\n{answer.text[:300]}")
        if label in ENDS_SESSION and answer.status_code < 300:
            cast.renew(who)

    send()
    assert not faults, f"{len(faults)} kinds:\n" + "\n\n".join(faults.values())


def _cases(operation: Any) -> st.SearchStrategy[Case]:
    valid = operation.as_strategy(GenerationMode.POSITIVE)
    if not (operation.body or operation.query or operation.headers or operation.path_parameters):
        return valid
    return st.one_of(valid, valid, operation.as_strategy(GenerationMode.NEGATIVE))


def _faults(case: Case, answer: Any, who: str, roles: list[str] | None) -> Iterator[str]:
    try:
        case.validate_response(answer, checks=CHECKS)
    except schemathesis.errors.SchemathesisError as error:
        yield str(error)
    except BaseExceptionGroup as error:
        yield from (f"{type(one).__name__}: {one}" for one in error.exceptions)
    stated = case.operation.definition.raw["responses"]
    if str(answer.status_code) not in stated:
        yield f"{answer.status_code} is not stated for {case.operation.label}"
    if roles is not None:
        if who == NOBODY and answer.status_code != 401:
            yield f"{answer.status_code} without a token"
        if who != NOBODY and answer.status_code == 401 and case.operation.label not in CHECK_PASSWORDS:
            yield "401 with a token"
        if who != NOBODY and (roles and who not in roles) and answer.status_code != 403 and not _elsewhere(case):
            yield f"{answer.status_code} for another role"


def _elsewhere(case: Case) -> bool:
    """Whether a generated id with slashes, backslashes or dots makes the path match no route."""
    ids = [str(value) for value in (case.path_parameters or {}).values()]
    return any(set(unquote(value)) & {"/", "\\"} or not unquote(value).strip(".") for value in ids)
