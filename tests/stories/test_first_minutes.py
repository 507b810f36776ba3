"""The first five minutes: the README's commands, the sample accounts, and the commands that show activity."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.local import run, welcome
from deploy.local.ports import free_port
from deploy.local.system import System
from stories import samples
from stories.nestle_waters import expect
from stories.people import Person

ROOT = Path(__file__).parents[2]
STATES = ["collecting", "choosing", "awarded", "completed", "cancelled", "refused", "unfilled", "expired"]


def command(system: System, *words: str, seconds: float = 60) -> subprocess.CompletedProcess[str]:
    """Runs a command of the Makefile with this system's data folder."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("RELEVE_")}
    return subprocess.run(
        words, cwd=ROOT, capture_output=True, text=True, timeout=seconds, check=False,
        env=clean | {"RELEVE_DATA": str(system.data), "RELEVE_PORT": str(system.port)},
    )  # fmt: skip


@pytest.fixture(scope="module")
def said(system: System) -> Iterator[list[str]]:
    """The output of `make run` after its story; afterwards its mentors are paused for the other stories."""
    lines: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "say", lines.append)
        run.make_samples(system)
    yield [*lines, *welcome.lines(system.port, system.data, system.mails, system.logs)]
    for email in (samples.MENTOR, *samples.OTHER_MENTORS):
        with signed_in(system, "mentor", email) as person:
            card = expect(person.get("/api/mentors/me"), 200)
            assert person.call("PUT", "/api/mentors/me", card | {"paused": True}).status_code == 200


@contextmanager
def signed_in(system: System, role: str, email: str) -> Iterator[Person]:
    person = Person(system.url, role, "", email=email, password=samples.PASSWORD)
    person.sign_in()
    yield person
    person.http.close()


def test_sample_client_has_a_project_in_every_state(system: System, said: list[str]) -> None:
    with signed_in(system, "client", samples.CLIENT) as client:
        states = [item["state"] for item in expect(client.get("/api/projects?limit=200"), 200)["items"]]
    assert sorted(states) == sorted(STATES), said


def test_sample_mentor_is_invited_to_every_project_and_not_paused(system: System, said: list[str]) -> None:
    with signed_in(system, "client", samples.CLIENT) as client:
        theirs = {item["id"] for item in expect(client.get("/api/projects?limit=200"), 200)["items"]}
    with signed_in(system, "mentor", samples.MENTOR) as mentor:
        invited = {item["project_id"] for item in expect(mentor.get("/api/invitations?limit=200"), 200)["items"]}
        assert theirs <= invited, said
        assert expect(mentor.get("/api/mentors/me"), 200)["paused"] is False
        kinds = {item["kind"] for item in expect(mentor.get("/api/notifications?limit=200"), 200)["items"]}
    done = {"project-completed", "review-shown"}
    assert {"invited", "chosen", "project-cancelled", "project-refused", "project-expired"} | done <= kinds


def test_sample_operator_reads_what_waits(system: System, said: list[str]) -> None:
    with signed_in(system, "operator", samples.OPERATOR) as operator:
        assert "items" in expect(operator.get("/api/operations/reports"), 200), said


def test_output_names_sample_people_password_and_urls(system: System, said: list[str]) -> None:
    text = "\n".join(said)
    people = (samples.CLIENT, samples.MENTOR, samples.OPERATOR, samples.PASSWORD)
    shown = ("/api/docs", "make mails", "make events", *people)
    assert [word for word in shown if word not in text] == []
    assert [state for state in samples.TITLES if state not in text] == []
    assert "✗" not in text


def test_workers_settings_are_restored(system: System, said: list[str]) -> None:
    assert "RELEVE_CHOICE_PERIOD" not in (system.parts.services["projects-worker"].env or {}), said
    assert "projects-worker" in system.processes


def test_failure_to_create_samples_stops_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lines: list[str] = []
    monkeypatch.setattr(run, "say", lines.append)
    run.make_samples(System(tmp_path, free_port()))  # a system that does not run
    assert "✗ They could not be made" in lines[-1]
    assert list(tmp_path.iterdir()) == []


def test_mails_of_the_sample_mentor_are_shown(system: System, said: list[str]) -> None:
    shown = command(system, sys.executable, "-m", "deploy.local.mails", "--to", samples.MENTOR, "--last", "100")
    assert (shown.returncode, shown.stderr) == (0, ""), said
    assert f"Subject: Un projet vous attend : « {samples.TITLES['collecting']} »" in shown.stdout
    assert "To:      mentor@releve.example" in shown.stdout
    assert samples.CLIENT not in shown.stdout


@pytest.mark.skipif(shutil.which("curl") is None, reason="the README's lines are curl's")
def test_commands_of_the_readme_post_a_project(system: System) -> None:
    (script,) = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert sum("curl " in line for line in script.splitlines()) == 6
    done = command(system, "sh", "-euc", script)
    assert (done.returncode, done.stderr) == (0, ""), done
    assert '"title":"Apprendre le CRM"' in done.stdout.splitlines()[-1]
    assert '"state":"collecting"' in done.stdout.splitlines()[-1]
