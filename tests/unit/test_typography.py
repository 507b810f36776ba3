"""Apostrophes of what people read are curved, as the pages set them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contracts import vocabulary
from services.programmes.model.goals import GOALS
from services.programmes.model.pairing import texts
from tests.kit.texts import WEB

ROOT = WEB.parent
FILES = sorted(path for path in (ROOT / "services").glob("*/**/*.json") if "schemas" not in path.parts)
STRAIGHT = re.compile(r"\w'\w")
ENOUGH = 5


def words(value: Any) -> Iterator[str]:
    """Every text inside a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from words(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from words(one)
    elif hasattr(value, "__dict__"):
        yield from words(vars(value))


def test_files_of_texts_are_found() -> None:
    assert len([path for path in FILES if "’" in path.read_text()]) >= ENOUGH


@pytest.mark.parametrize("path", FILES, ids=lambda path: "/".join(Path(path).parts[-4:]))
def test_apostrophes_of_a_file_are_curved(path: Path) -> None:
    assert [text for text in words(json.loads(path.read_text())) if STRAIGHT.search(text)] == []


def test_apostrophes_of_texts_in_modules_are_curved() -> None:
    labels = [label for skill in vocabulary.SKILLS.values() for label in (skill.fr, skill.en)]
    tables = [value for name, value in vars(texts).items() if name.isupper()]
    assert [text for text in words([labels, tables, dict(GOALS)]) if STRAIGHT.search(text)] == []


def test_skill_is_found_with_either_apostrophe() -> None:
    for typed in ("droit d'auteur", "Droit d’auteur"):
        assert vocabulary.search(typed)[0].fr.startswith("Droit d’auteur")
