"""Every route × every kind of caller, through the gateway and past it: status, body and headers.

`callers/table.json` says what each caller gets; a route without a row fails. With RELEVE_RECORD_CALLERS=1 the run
writes the file anew, for review.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from contracts.parts import PARTS
from deploy.gateway.openapi import SERVICES
from deploy.local.system import System
from tests.stories.callers import table
from tests.stories.callers.asking import Call, calls, shown, unknown
from tests.stories.callers.forging import forgeries
from tests.stories.callers.signing import OwnKey
from tests.stories.callers.world import World, build
from tests.stories.conftest import make_operator

RECORDING = bool(os.environ.get("RELEVE_RECORD_CALLERS"))
PROBLEM = "application/problem+json"
Answers = dict[str, dict[str, httpx.Response]]
SAID = {"type", "title", "status", "detail"}


@pytest.fixture(scope="module")
def every(system: System) -> list[Call]:
    """Every operation of the API's document."""
    document = httpx.get(f"{system.url}/api/openapi.json", timeout=20).json()
    found = [call for call in calls(document) if call.path.startswith("/api/") and call.path not in table.OWN]
    return table.order(found)


@pytest.fixture(scope="module")
def world(system: System, mails: Path) -> Iterator[World]:
    built = build(system, mails, make_operator(system))
    yield built
    built.close()


def direct(system: System) -> dict[str, int]:
    """The port of each service of the API, past the gateway."""
    return {name: system.port_of(f"{name}-http") for name in SERVICES}


def owner_of(call: Call) -> str:
    """The service that serves an operation."""
    routes = [(route.path, part.name) for part in PARTS for route in (*part.routes, *part.operations)]
    return max((path, name) for path, name in routes if call.path == path or call.path.startswith(f"{path}/"))[1]


@pytest.fixture(scope="module")
def tokens(world: World, system: System) -> dict[str, str | None]:
    """Each caller's token; those of suspended and erased accounts are from before, and have not expired."""
    found: dict[str, str | None] = {name: person.token for name, person in world.callers.items()}
    own = OwnKey(system)
    found |= {"nobody": None, "expired": forgeries(str(found["owner"]), own.sign, own.public)["expired"]}
    return found


@pytest.fixture(scope="module")
def answers(world: World, tokens: dict[str, str | None], every: list[Call], system: System) -> Answers:
    """The answer to each caller, by operation; then what a call for things that are not there gets."""
    found: Answers = {}
    with httpx.Client(base_url=system.url, timeout=30) as http:
        for call in every:
            row = found[call.name] = {}
            for caller in (*table.OUTSIDE, *table.PASSES, *table.ACCOUNTS):
                row[caller] = call.send(http, world.ids, tokens[caller])
                if row[caller].status_code == 404 and call.parameters:
                    row[f"{caller}: not there"] = call.send(http, unknown(world.ids), tokens[caller])
    if RECORDING:
        kept = {name: {who: row[who].status_code for who in row if ":" not in who} for name, row in found.items()}
        table.FILE.write_text(json.dumps(kept, indent=1) + "\n")
    return found


def test_every_route_has_a_row_and_every_row_a_route(every: list[Call]) -> None:
    assert sorted(table.TABLE) == sorted(call.name for call in every)


def test_table_obeys_the_rules_of_tokens_and_roles(every: list[Call]) -> None:
    wrong = [
        f"{call.name}: {caller} gets {status}, not {table.by_rule(call, caller)}"
        for call in every
        for caller, status in table.TABLE[call.name].items()
        if table.by_rule(call, caller) not in (None, status)
    ]
    assert wrong == []


def test_every_caller_gets_the_status_in_the_table(answers: Answers) -> None:
    wrong = [
        f"{name}: {caller} gets {answers[name][caller].status_code}, not {status}: {answers[name][caller].text[:200]}"
        for name, row in table.TABLE.items()
        for caller, status in row.items()
        if answers[name][caller].status_code != status
    ]
    assert wrong == []


def test_denied_callers_get_a_problem_and_nothing_else(answers: Answers) -> None:
    for name, row in answers.items():
        for caller, answer in row.items():
            if answer.status_code in (401, 403, 404):
                where, body = f"{name}: {caller}", answer.json()
                assert answer.headers["content-type"] == PROBLEM, where
                assert body.keys() >= SAID, where
                assert not {"etag", "location", "set-cookie"} & answer.headers.keys(), where
                assert ("www-authenticate" in answer.headers) == (answer.status_code == 401), where


def test_not_yours_and_not_there_cannot_be_told_apart(answers: Answers) -> None:
    pairs = [
        (f"{name}: {caller}", answer, row[f"{caller}: not there"])
        for name, row in answers.items()
        for caller, answer in row.items()
        if f"{caller}: not there" in row
    ]
    assert len(pairs) > 100
    assert [where for where, yours, there in pairs if shown(yours) != shown(there)] == []


def test_no_service_accepts_a_forged_token_past_the_gateway(
    system: System, every: list[Call], world: World, tokens: dict[str, str | None]
) -> None:
    """Each service checks tokens itself, so that a way around the gateway opens nothing."""
    own, wrong = OwnKey(system), []
    bad = forgeries(world.callers["owner"].token, own.sign, own.public)
    assert len(bad) >= 12
    for service, port in direct(system).items():
        once = httpx.Limits(max_keepalive_connections=0)  # a kept connection may be closed just as it is used
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, limits=once) as http:
            mine = [call for call in every if not call.public and owner_of(call) == service]
            assert mine
            for kind, token in bad.items():
                for call in mine:
                    answer = call.send(http, world.ids, token)
                    if answer.status_code != 401:
                        wrong.append(f"{call.name}: a token {kind} gets {answer.status_code}")
    assert wrong == []


@pytest.mark.parametrize("path", ["/api/accounts/me", "/api/projects", "/api/notifications"])
def test_gateway_refuses_forged_tokens_itself(system: System, world: World, path: str) -> None:
    own = OwnKey(system)
    for kind, token in forgeries(world.callers["owner"].token, own.sign, own.public).items():
        answer = httpx.get(f"{system.url}{path}", headers={"Authorization": f"Bearer {token}"}, timeout=20)
        assert answer.status_code == 401, kind
