"""What matching may consider about a mentor: a closed list, without age, sex or anything they could be derived from."""

import ast
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from services.matching.config import RULES
from services.matching.model import TOLD, Considered, Decision, Judged, Profile, Record, Shortlist, Wanted, decided
from services.matching.model.brief import Brief

ROOT = Path(__file__).parents[2]
WRITTEN_BY_MENTORS = {
    "display_name", "headline", "school", "bio", "skills", "languages", "day_rate", "weekly_invitations",
    "available_from", "excluded_organisations", "timezone", "paused",
}  # fmt: skip
KEPT_WITH_THEM = {
    "account", "mentor_id", "joined_at", "invited_at", "free_from", "registered_at", "verified_at", "excludes_since",
    "version", "written_at",
}  # fmt: skip
NEVER = {
    "age", "birth", "birthday", "birthdate", "birth_date", "date_of_birth", "born", "sex", "gender", "civility",
    "first_name", "given_name", "pronoun", "pronouns", "nationality", "ethnicity", "religion", "disability", "photo",
    "picture", "family_status",
}  # fmt: skip
"""Names of attributes that no rule reads, stores or derives."""


def names(path: Path) -> Iterator[str]:
    """Every name, attribute, argument and short text of a module: a key of a document is a text."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.keyword(arg=str(name)):
                yield name
            case ast.Constant(value=str(text)) if text.isidentifier():
                yield text


def named(folder: Path) -> dict[str, set[str]]:
    return {str(path): found for path in folder.rglob("*.py") if (found := NEVER & set(names(path)))}


def test_stored_of_a_mentor_is_what_is_listed_here() -> None:
    """Whoever adds a field must say here that matching may know it."""
    assert {field.name for field in fields(Profile)} == WRITTEN_BY_MENTORS | KEPT_WITH_THEM
    assert {field.name for field in fields(Record)} == {"quoted", "missed"}
    assert set(TOLD) == {"invited", "others-first", "cap", "paused", "away", "left-out"}


def test_log_of_decisions_holds_what_is_listed_here() -> None:
    brief = Brief("T", "B", ["crm"], ["fr"], {"sector": "food", "size": "large"}, None)
    one = Considered("a", "card-a")
    row = decided("d", "wave", Shortlist("p", brief=brief), [Judged(one, "invited")], "r", None, wanted=Wanted(1))  # type: ignore[arg-type]
    assert set(row.inputs) == {"topics", "languages", "budget", "listed", "closes_at"}
    assert set(row.rows[0]) == {"account", "outcome", "score", "parts", "reasons", "rank", "newcomer"}
    assert {field.name for field in fields(Decision)} == {
        "id", "kind", "project_id", "wave", "at", "inputs", "wanted", "rows", "rules", "by", "reason",
    }  # fmt: skip


def test_no_rule_names_an_attribute_such_as_age_or_sex() -> None:
    folders = (*RULES, "services/matching/store")
    assert [found for folder in folders for found in named(ROOT / folder).items()] == []


def test_names_are_found_wherever_a_rule_could_read_them(tmp_path: Path) -> None:
    (tmp_path / "rule.py").write_text('def f(sex):\n    return profile["age"] + one.gender + born + g(photo=1)\n')
    assert list(named(tmp_path).values()) == [{"sex", "age", "gender", "born", "photo"}]
