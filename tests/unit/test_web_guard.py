"""Forged forms, sealed values, and addresses that lead out of the site."""

import pytest

from web.guard import POLICY, is_ours
from web.session import Seal
from web.visit import local

KEYS = ("k" * 40, "o" * 40)


@pytest.mark.parametrize(
    ("site", "origin", "ours"),
    [
        ("same-origin", None, True),
        ("same-origin", "https://elsewhere.example", True),
        ("same-site", "https://releve.example", False),
        ("cross-site", "https://releve.example", False),
        ("none", None, False),
        (None, "https://releve.example", True),
        (None, "http://releve.example:8080", False),
        (None, "https://releve.example.evil.example", False),
        (None, "null", False),
        (None, None, False),
    ],
)
def test_forms_come_from_our_own_pages_only(site: str | None, origin: str | None, ours: bool) -> None:
    assert is_ours(site, origin, "releve.example") is ours


def test_policy_allows_nothing_inline_and_nothing_from_elsewhere() -> None:
    assert "unsafe" not in POLICY
    assert {part.split(" ", 1)[1] for part in POLICY.split("; ")} == {"'none'", "'self'"}


def test_sealed_value_opens_for_its_purpose_and_under_every_key() -> None:
    old = Seal(KEYS[1:]).close("session", {"access": "t"})
    assert Seal(KEYS).open("session", old) == {"access": "t"}
    assert Seal(KEYS).open("typed", old) is None
    assert Seal(KEYS[:1]).open("session", old) is None
    assert "access" not in old


@pytest.mark.parametrize("text", ["", "x", "é", "gAAAAA", None])
def test_text_that_is_not_ours_opens_as_nothing(text: str | None) -> None:
    assert Seal(KEYS).open("session", text or "") is None


def test_changed_cookie_opens_as_nothing() -> None:
    sealed = Seal(KEYS).close("session", {"role": "mentor"})
    changed = sealed[:-10] + ("A" if sealed[-10] != "A" else "B") + sealed[-9:]
    assert Seal(KEYS).open("session", changed) is None


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x", "", "/a\nb", "\\\\evil"]
)
def test_address_that_leads_elsewhere_becomes_the_start_page(target: str) -> None:
    assert local(target) == "/home"


def test_address_of_ours_is_kept() -> None:
    assert local("/projects/a?sort=price") == "/projects/a?sort=price"
