"""Calls between services: each pair has a secret of its own, and no service holds another's."""

import itertools
import json
from pathlib import Path

import pytest
from flask import Flask

from chassis.http.internal import HEADER, guarded_by
from chassis.http.problems import answer_errors
from contracts.parts import DRAWN, PARTS, ROTATED, Part, Route, connected, internal_secret, part_of, variable_of
from deploy.local.folder import Folder

PAIRS = [(part.name, callee) for part in PARTS for callee in part.calls]


def web(**tokens: str) -> Flask:
    app = Flask("test")
    answer_errors(app)

    @app.get("/internal/door")
    @guarded_by(**tokens)
    def door() -> str:
        return "open"

    return app


def test_each_admitted_caller_has_its_own_token() -> None:
    client = web(notify="n" * 8, accounts="a" * 8).test_client()
    shown = {text: client.get("/internal/door", headers={HEADER: text}).status_code for text in
             ("n" * 8, "a" * 8, "n" * 7, "", "n" * 8 + "a" * 8, "x" * 8)}  # fmt: skip
    assert [text for text, status in shown.items() if status == 200] == ["n" * 8, "a" * 8]
    assert client.get("/internal/door").status_code == 403


def test_empty_token_admits_nobody_and_stops_the_start() -> None:
    with pytest.raises(ValueError, match="empty token"):
        guarded_by(notify="known", accounts="")


def test_only_the_two_services_of_a_pair_hold_its_secret() -> None:
    assert PAIRS == [("accounts", "projects"), ("notify", "accounts"), ("notify", "programmes")]
    for pair in PAIRS:
        assert {part.name for part in PARTS if internal_secret(*pair) in part.secrets} == set(pair)
    held = {secret for part in PARTS for secret in part.secrets if secret.startswith("internal_")}
    assert held == {internal_secret(*pair) for pair in PAIRS}


@pytest.mark.parametrize("name", ["quotes", "matching"])
def test_stolen_configuration_of_this_service_opens_no_internal_route(name: str) -> None:
    assert not [secret for secret in part_of(name).secrets if secret.startswith("internal_")]


@pytest.mark.parametrize("callee", ["a", "c", "nowhere"])
def test_call_to_itself_or_a_part_without_http_is_refused(callee: str) -> None:
    a = Part("a", "", database="a", calls=(callee,), routes=(Route("/api/a"),))
    c = Part("c", "", sides=("worker",), database="c")
    with pytest.raises(ValueError, match=f"a cannot call {callee}"):
        connected(a, c)


def test_older_data_folder_draws_missing_secrets_and_gives_out_no_unused_one(tmp_path: Path) -> None:
    kept = {"RELEVE_BLIND_SECRET": "kept", "RELEVE_INTERNAL_TOKEN": "of an older version"}
    (tmp_path / "secrets.json").write_text(json.dumps(kept))
    drawn = Folder(tmp_path).secrets()
    rotated = {f"{variable_of(secret)}_FILE" for secret in ROTATED}
    assert drawn.keys() == {variable_of(secret) for secret in DRAWN if secret not in ROTATED} | rotated
    assert {Path(drawn[name]).stat().st_mode & 0o777 for name in rotated} == {0o600}
    assert len({Path(drawn[name]).read_text() for name in rotated}) == len(ROTATED)
    assert drawn["RELEVE_BLIND_SECRET"] == "kept"
    assert not [pair for pair in itertools.combinations(drawn, 2) if drawn[pair[0]] == drawn[pair[1]]]
    assert Folder(tmp_path).secrets() == drawn
