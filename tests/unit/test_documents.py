"""Checks the documents: the index of decisions is complete and every link has a target."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from contracts.parts import DATABASES

LINK = re.compile(r"\[[^\]]*\]\((?!https?:|mailto:)([^)\s]+)\)")
DATE = r"\d{4}-\d\d-\d\d"
STATUS = re.compile(rf"^(Accepted|Superseded by \[decision \d+\]\([^)]+\)) {DATE}(, amended {DATE})?\.$")
SECTIONS = ["Context", "Decision", "Consequence"]


class Decision(NamedTuple):
    number: int
    title: str
    status: str
    sections: list[str]


def read(path: Path) -> Decision:
    lines = path.read_text().splitlines()
    number, _, title = lines[0].removeprefix("# ").partition(". ")
    assert int(number) == int(path.name[:4]), path.name
    return Decision(int(number), title, lines[2], [line[3:] for line in lines if line.startswith("## ")])


@pytest.fixture(scope="module")
def decisions(root: Path) -> list[tuple[Path, Decision]]:
    return [(path, read(path)) for path in sorted((root / "docs/decisions").glob("[0-9]*.md"))]


def documents(root: Path) -> list[Path]:
    return [*root.glob("*.md"), *(root / "docs").rglob("*.md")]


def anchors(path: Path) -> set[str]:
    """The fragments of a document's headings, as common renderers generate them."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken(root: Path) -> list[str]:
    found = []
    for path in documents(root):
        for target in LINK.findall(path.read_text()):
            file, _, fragment = target.partition("#")
            there = (path.parent / file).resolve() if file else path
            if not there.exists():
                found.append(f"{path.relative_to(root)}: {target}")
            elif fragment and there.suffix == ".md" and fragment not in anchors(there):
                found.append(f"{path.relative_to(root)}: {target} has no such heading")
    return found


def test_decisions_are_numbered_without_gaps(decisions: list[tuple[Path, Decision]]) -> None:
    assert [decision.number for _, decision in decisions] == list(range(1, len(decisions) + 1))


def test_every_decision_has_status_date_and_sections(decisions: list[tuple[Path, Decision]]) -> None:
    assert [path.name for path, decision in decisions if not STATUS.match(decision.status)] == []
    assert [path.name for path, decision in decisions if decision.sections != SECTIONS] == []


def test_index_lists_every_decision(root: Path, decisions: list[tuple[Path, Decision]]) -> None:
    wanted = [f"| {one.number} | [{one.title}]({path.name}) | {one.status[:-1]} |" for path, one in decisions]
    index = (root / "docs/decisions/README.md").read_text().splitlines()
    assert [line for line in index if line.startswith("| ") and line[2].isdigit()] == wanted, "\n".join(wanted)


def test_every_link_has_a_target(root: Path) -> None:
    assert broken(root) == []


def test_broken_links_are_found(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    links = "[a](docs/a.md) [b](docs/a.md#there) [c](#none) [d](https://x.example)"
    (tmp_path / "README.md").write_text(f"{links}\n# There\n")
    (tmp_path / "docs" / "a.md").write_text("# Here\n[up](../README.md#there) [gone](b.md)\n")
    assert broken(tmp_path) == [
        "README.md: docs/a.md#there has no such heading",
        "README.md: #none has no such heading",
        "docs/a.md: b.md",
    ]


def test_threat_model_names_tests_that_exist(root: Path) -> None:
    """A name without a folder is short for the one path of that name on the page."""
    named = set(re.findall(r"`(tests/[\w/]+\.\w+|test_\w+\.py)`", (root / "docs/security.md").read_text()))
    paths = {name for name in named if "/" in name}
    assert paths, "the page names tests"
    assert [path for path in sorted(paths) if not (root / path).is_file()] == []
    places = [path.rpartition("/")[2] for path in paths]
    assert [name for name in sorted(named - paths) if places.count(name) != 1] == []


def test_privacy_page_has_a_row_for_each_database(root: Path) -> None:
    rows = re.findall(r"^\| (\w+) \|", (root / "docs/privacy.md").read_text(), re.MULTILINE)
    assert set(DATABASES) <= set(rows), "say what the service keeps of a person, and what stays after an erasure"
