"""The command that rotates master keys, on a real database: what it rewraps, and the rows that it leaves."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from chassis import audit
from chassis.masters import parse
from chassis.mongo import Document, Documents, connect
from chassis.places import TRAIL, rows_of
from chassis.rewrap import count
from deploy.rotate import Owner, Stopped, owners_of, retire, rotate
from services.projects.store import WRAPPED
from tests.kit.databases import drop
from tests.kit.examples import ORGANISATION, PROJECT
from tests.kit.keys import MASTER_KEYS
from tests.kit.services import SETTINGS, Running

OWN = "RELEVE_MASTER_KEY_PROJECTS"


class Rotated:
    """projects with the vault of one client, and the command's view of it."""

    def __init__(self, database: Documents, mongo_uri: str, file: Path) -> None:
        self.database, self.file = database, file
        self.service = Running("projects", database)
        assert self.service.call("client", "PUT", "/api/organisations/me", ORGANISATION).status_code == 200
        assert self.service.call("client", "POST", "/api/projects", PROJECT).status_code == 201
        file.write_text(MASTER_KEYS[OWN] + "\n")
        others = {name: value for name, value in SETTINGS.items() if name != OWN}
        engines = {"RELEVE_MONGO_URI": mongo_uri, "RELEVE_DB_PREFIX": database.name.removesuffix("projects")}
        self.environ = {**os.environ, **others, **engines, f"{OWN}_FILE": str(file)}

    @property
    def owners(self) -> list[Owner]:
        given = {f"{name}_FILE": str(self.file) for name in MASTER_KEYS}
        return [owner for owner in owners_of(given | self.environ) if owner.name == "projects"]

    @property
    def versions(self) -> dict[str, int]:
        """The stored keys by version of the master key."""
        return dict(count(rows_of(self.database, name) for name in WRAPPED).versions)

    @property
    def trail(self) -> list[Document]:
        """The rows of the command, without ids and times."""
        shown = ("who", "what", "whom", "reason", "request")
        return [{name: row[name] for name in shown} for row in rows_of(self.database, TRAIL).find(sort=[("at", 1)])]


@pytest.fixture
def rotated(mongo_uri: str, database: Documents, tmp_path: Path) -> Iterator[Rotated]:
    own = connect(mongo_uri, f"{database.name}_projects", app="test")
    yield Rotated(own, mongo_uri, tmp_path / "key")
    drop(own)
    own.client.close()


def row(what: str) -> Document:
    return {"who": audit.PLACE, "what": what, "whom": "", "reason": "master key 2", "request": ""}


def test_rotating_and_retiring_each_leave_a_row_in_the_trail(rotated: Rotated) -> None:
    assert (rotated.versions, rotated.trail) == ({"1": 1}, [])
    rotate(rotated.owners, print)
    assert (rotated.versions, rotated.trail) == ({"2": 1}, [row("keys.rewrapped")])
    assert parse(rotated.file.read_text()).keys() == {1, 2}
    retire(rotated.owners, print, wait=lambda _: None)
    assert rotated.trail == [row("keys.rewrapped"), row("keys.retired")]
    assert parse(rotated.file.read_text()).keys() == {2}


def test_key_that_does_not_open_stops_the_command_after_its_row(rotated: Rotated) -> None:
    planted = {"by": "1", "data": b"no key at all", "for": "nowhere"}
    rows_of(rotated.database, WRAPPED[0]).insert_one({"_id": "planted", "key": planted})
    with pytest.raises(Stopped, match="projects: 1 stored keys do not open"):
        rotate(rotated.owners, print)
    assert rotated.trail == [row("keys.rewrapped")]
    assert rotated.versions == {"1": 1, "2": 1}
